import { Component, type ErrorInfo, type ReactNode } from 'react';

export interface CrashReport {
  message: string;
  details: string;
}
interface BoundaryProps {
  children: ReactNode;
  onCrash: (report: CrashReport) => void;
}

/** Catches what throws while drawing. */
export class CrashBoundary extends Component<BoundaryProps, { hasCrashed: boolean }> {
  override state = { hasCrashed: false };
  static getDerivedStateFromError(): { hasCrashed: boolean } {
    return { hasCrashed: true };
  }
  override componentDidCatch(error: Error, info: ErrorInfo): void {
    this.props.onCrash({ message: error.message, details: `${error.stack ?? ''}\n${info.componentStack ?? ''}` });
  }
  override render(): ReactNode {
    return this.state.hasCrashed ? null : this.props.children;
  }
}
