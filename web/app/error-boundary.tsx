import { Component, type ReactNode } from 'react';
import { app as words } from '../i18n/en/app';

interface Props {
  readonly children: ReactNode;
}

/** What a page shows that has failed while it was drawn, or whose code could not be loaded. */
export class ErrorBoundary extends Component<Props, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { readonly hasFailed: boolean } {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <section className="message-page" role="alert">
        <h1>{words.broken.title}</h1>
        <p>{words.broken.text}</p>
        <button type="button" className="primary" onClick={() => location.reload()}>
          {words.broken.again}
        </button>
      </section>
    );
  }
}
