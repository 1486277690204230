/** Scrolls until an element is in view, if it is not; at once where the person wants no motion. */
export function bringIntoView(element: Element | null): void {
  // Newer browsers return a promise, which an effect of React would take for what ends it.
  void element?.scrollIntoView({
    block: 'nearest',
    behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth',
  });
}
