import '@xyflow/react/dist/style.css';
import { ReactFlow } from '@xyflow/react';
import * as Comlink from 'comlink';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { create } from 'zustand';

// The peer: the four libraries and one node, nothing else.
const useStore = create(() => ({ nodes: [{ id: 'a', position: { x: 100, y: 100 }, data: { label: 'node' } }] }));
globalThis.comlink = Comlink.wrap;

function App() {
  const nodes = useStore((state) => state.nodes);
  return createElement(ReactFlow, { nodes, edges: [] });
}
createRoot(document.getElementById('root')).render(createElement(App));
