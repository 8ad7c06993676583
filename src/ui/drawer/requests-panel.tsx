import styles from './drawer.module.css';
import { MessageList } from './message-list.tsx';
import { RequestConsole } from './request-console.tsx';
import own from './requests-panel.module.css';

/** A console that sends real requests, and the messages that travel. */
export function RequestsPanel() {
  return (
    <div className={own.split}>
      <div className={styles.side}>
        <RequestConsole />
      </div>
      <MessageList />
    </div>
  );
}
