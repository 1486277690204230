/** Scrolls until an element is in view, if it is not; at once where the person wants no motion. */
export const bringIntoView = (element: Element | null): void =>
  element?.scrollIntoView({
    block: 'nearest',
    behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth',
  });
