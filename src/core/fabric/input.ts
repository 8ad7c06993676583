import type { VirtualTime } from '../base/order.ts';
import type { ExecutableDiff, Fault } from '../topology/schema/types.ts';
import type { HttpRequest, InstanceId } from './message.ts';

/** Everything from outside. Only the fabric stamps `at` and `seq` (decision 5). */
export type InputBody =
  /** To a client: that client sends it (by `requestId` of its mix, or `request`). To a gateway or service: it arrives there from the edge and its reply is returned. */
  | { kind: 'request'; node: string; requestId?: string; request?: HttpRequest }
  | { kind: 'cancel'; input: number }
  | { kind: 'fault.set'; fault: Fault }
  | { kind: 'fault.clear'; fault: Fault }
  | { kind: 'instance.kill'; instance: InstanceId }
  | { kind: 'instance.start'; instance: InstanceId }
  /** It is started anew on another machine: same rows, another address. */
  | { kind: 'instance.move'; instance: InstanceId }
  | { kind: 'topology.apply'; diff: ExecutableDiff }
  | { kind: 'crash.observed'; instance: InstanceId; reason: string }
  | { kind: 'wipe' };
export interface Input {
  at: VirtualTime;
  seq: number;
  body: InputBody;
}
