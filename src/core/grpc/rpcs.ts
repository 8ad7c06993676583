import type { ProtoFile } from './proto-file.ts';

/** One rpc of a proto text, as a drawing needs it. */
export interface Rpc {
  /** `user.UserService/GetUser`. */
  rpc: string;
  clientStreaming: boolean;
  serverStreaming: boolean;
}

/** The rpcs of a proto text, in the order in which they are written. */
export const rpcsOf = (file: ProtoFile): Rpc[] =>
  file.services.flatMap((service) =>
    service.methods.map(({ name, clientStreaming, serverStreaming }) => ({
      rpc: `${file.package === '' ? '' : `${file.package}.`}${service.name}/${name}`,
      clientStreaming,
      serverStreaming,
    })),
  );
