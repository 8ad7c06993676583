import {
  useReactFlow,
  type FinalConnectionState,
  type IsValidConnection,
  type OnConnectStartParams,
  type ReactFlowProps,
} from '@xyflow/react';
import { useEffect, useMemo } from 'react';
import { connectNodes, refusalOf } from '../../app/commands/connect-actions.ts';
import { wordsOf } from '../kit/use-command.ts';
import { useServices } from '../services.tsx';
import { useText } from '../text/use-text.tsx';
import styles from './canvas.module.css';
import { useCanvasState } from './canvas-state.ts';
import type { CanvasNode, LinkEdge } from './to-flow.ts';

type Handlers = Pick<
  ReactFlowProps<CanvasNode, LinkEdge>,
  'onConnectStart' | 'onConnectEnd' | 'onConnect' | 'isValidConnection'
>;

/** Drawing a link: wrong wiring is refused with its reason beside the pointer; dropped on nothing, it offers what could stand there. */
export function useConnecting(): { handlers: Handlers; tip: React.ReactNode } {
  const services = useServices();
  const { screenToFlowPosition } = useReactFlow();
  const handlers = useMemo((): Handlers => {
    const documents = services.documents;
    const isValidConnection: IsValidConnection<LinkEdge> = ({ source, target }) => {
      const refusal = source && target ? refusalOf(documents.get().document, source, target) : null;
      const { connecting } = useCanvasState.getState();
      if (connecting && connecting.refusal !== refusal)
        useCanvasState.setState({ connecting: { ...connecting, refusal } });
      return refusal === null;
    };
    return {
      isValidConnection,
      onConnectStart: (event, { nodeId }: OnConnectStartParams) => {
        const at = pointOf(event);
        if (nodeId) useCanvasState.setState({ connecting: { from: nodeId, refusal: null, at } });
      },
      onConnect: ({ source, target }) => connectNodes(services, source, target, null),
      onConnectEnd: (event, state: FinalConnectionState) => {
        useCanvasState.setState({ connecting: null });
        const at = pointOf(event);
        const from = state.fromNode?.id;
        if (!from || state.isValid) return;
        if (state.toNode) connectNodes(services, from, state.toNode.id, at);
        else if (state.toHandle === null && isFarEnough(state, screenToFlowPosition(at))) {
          services.view.openDialog({ kind: 'add', at: screenToFlowPosition(at), from });
        }
      },
    };
  }, [services, screenToFlowPosition]);
  return { handlers, tip: <RefusalTip /> };
}

/** px on the canvas that a drag has to go before dropping it on nothing means "add something here". */
const DROP_DISTANCE = 48;

function isFarEnough(state: FinalConnectionState, to: { x: number; y: number }): boolean {
  const from = state.from;
  return from !== null && Math.hypot(to.x - from.x, to.y - from.y) > DROP_DISTANCE;
}

function pointOf(event: MouseEvent | TouchEvent): { x: number; y: number } {
  const point = 'changedTouches' in event ? (event.changedTouches[0] ?? { clientX: 0, clientY: 0 }) : event;
  return { x: point.clientX, y: point.clientY };
}

function RefusalTip() {
  const connecting = useCanvasState((state) => state.connecting);
  const texts = useText();
  const isOpen = connecting !== null;
  useEffect(() => {
    if (!isOpen) return undefined;
    const move = (event: PointerEvent) => {
      const { connecting: now } = useCanvasState.getState();
      const isOverNode = event.target instanceof Element && event.target.closest('.react-flow__node') !== null;
      if (now) {
        useCanvasState.setState({
          connecting: { ...now, refusal: isOverNode ? now.refusal : null, at: { x: event.clientX, y: event.clientY } },
        });
      }
    };
    window.addEventListener('pointermove', move);
    return () => window.removeEventListener('pointermove', move);
  }, [isOpen]);
  if (!connecting?.refusal) return null;
  return (
    <div className={styles.refusal} style={{ left: connecting.at.x, top: connecting.at.y }}>
      {wordsOf(texts, `refusal.${connecting.refusal}`)}
    </div>
  );
}
