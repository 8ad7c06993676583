import { MoreHorizontal, Trash2, X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { nameOf } from '../../app/commands/edit-actions.ts';
import { rename, updateGroup, updateNode } from '../../core/topology/edit/edit.ts';
import type { Group, TopologyNode } from '../../core/topology/schema/types.ts';
import { iconOf } from '../faces/faces.ts';
import type { NodeHealth } from '../faces/health.ts';
import { useHealth } from '../faces/use-health.ts';
import { Badge } from '../kit/badge.tsx';
import { Button, IconButton } from '../kit/button.tsx';
import { Icon } from '../kit/icon.tsx';
import { MenuButton } from '../kit/menu.tsx';
import { Tabs, type TabItem } from '../kit/tabs.tsx';
import { MenuIcon } from '../kit/menu-icon.tsx';
import { menuEntries, useCommand } from '../kit/use-command.ts';
import { useDocument, useServices, useView } from '../services.tsx';
import { useProblemWords } from '../text/problem-words.ts';
import { useText } from '../text/use-text.tsx';
import { applyEdit } from './apply-edit.ts';
import { TextField } from './fields.tsx';
import styles from './inspector.module.css';
import { KindForm } from './kinds/forms.tsx';
import { BehaviourForm } from './kinds/service-form.tsx';
import { LinkForm } from './link-form.tsx';
import { LinksTab } from './links-tab.tsx';
import { RunTab } from './run-tab.tsx';
import { Section } from './section.tsx';

/** The panel of what is selected. Load it lazily: it brings the forms and the schema. */
export function Inspector() {
  const selection = useView((view) => view.selection);
  const document = useDocument((state) => state.document);
  const { nodes, links, groups } = selection;
  if (nodes.length + links.length + groups.length !== 1)
    return <ManyInspector count={nodes.length + links.length + groups.length} />;
  const node = document.nodes[nodes[0] ?? ''];
  const link = document.links[links[0] ?? ''];
  const group = document.groups[groups[0] ?? ''];
  if (node && nodes[0]) return <NodeInspector key={nodes[0]} id={nodes[0]} node={node} />;
  if (link && links[0]) {
    const [from, to] = [link.from, link.to].map((end) => nameOf(document.nodes[end.node]));
    return (
      <Frame key={links[0]} title={`${from} → ${to}`} tools={<DeleteTool />}>
        <LinkForm id={links[0]} link={link} />
      </Frame>
    );
  }
  if (group && groups[0]) return <GroupInspector key={groups[0]} id={groups[0]} group={group} />;
  return null;
}

function Frame({
  title,
  icon,
  badge,
  tools,
  children,
}: {
  title: string;
  icon?: ReactNode;
  badge?: ReactNode;
  tools?: ReactNode;
  children: ReactNode;
}) {
  const { view } = useServices();
  const { t } = useText();
  return (
    <div className={styles.inspector} data-testid="inspector">
      <header className={styles.head}>
        {icon}
        <h2 className={styles.title}>{title}</h2>
        {badge}
        <span className={styles.headTools}>
          {tools}
          <IconButton label={t('app.close')} shortcut="Escape" onClick={() => view.select({})}>
            <X size={16} aria-hidden="true" />
          </IconButton>
        </span>
      </header>
      <div className={styles.body}>{children}</div>
    </div>
  );
}

const TONES: Readonly<Record<NodeHealth, 'ok' | 'amber' | 'err' | 'plain'>> = {
  passing: 'ok',
  starting: 'plain',
  warning: 'amber',
  critical: 'err',
  dead: 'plain',
  idle: 'plain',
};

function NodeInspector({ id, node }: { id: string; node: TopologyNode }) {
  const texts = useText();
  const { t } = texts;
  const { commands } = useServices();
  const [tab, setTab] = useState('settings');
  const health = useHealth(id, node);
  const problems = useDocument((state) => state.problems);
  const say = useProblemWords();
  const own = problems.filter((problem) => problem.at === `nodes/${id}` || problem.at.startsWith(`nodes/${id}/`));
  const items: TabItem[] = [
    {
      id: 'settings',
      label: t('inspector.settings'),
      ...(own.length > 0 && { count: String(own.length), tone: 'err' as const }),
      content: (
        <>
          <Names id={id} node={node} />
          <KindForm id={id} node={node} />
          {own.length > 0 && (
            <Section title={t('problems.title')}>
              {own.map((problem) => (
                <p key={problem.code + problem.at} className={styles.dim}>
                  {say(problem).says}
                </p>
              ))}
            </Section>
          )}
        </>
      ),
    },
    { id: 'run', label: t('inspector.run'), content: <RunTab id={id} node={node} /> },
    { id: 'links', label: t('inspector.links'), content: <LinksTab id={id} /> },
  ];
  if (node.kind === 'service') {
    items.splice(1, 0, {
      id: 'behaviour',
      label: t('inspector.behaviour'),
      content: <BehaviourForm id={id} node={node} />,
    });
  }
  return (
    <Frame
      title={nameOf(node)}
      icon={<Icon name={iconOf(node)} />}
      badge={<Badge tone={TONES[health.state]}>{t(`state.${health.state}`)}</Badge>}
      tools={
        <MenuButton
          align="end"
          entries={() =>
            menuEntries(
              [
                'edit.connect',
                'edit.rename',
                '-',
                'node.start',
                'node.kill',
                'node.move',
                '-',
                'edit.duplicate',
                'edit.delete',
              ],
              commands,
              texts,
            )
          }
        >
          {({ onClick, isOpen }) => (
            <IconButton label={t('app.more')} onClick={onClick} aria-haspopup="menu" aria-expanded={isOpen}>
              <MoreHorizontal size={16} aria-hidden="true" />
            </IconButton>
          )}
        </MenuButton>
      }
    >
      {health.reason && (
        <p className={styles.reason} data-state={health.state}>
          {health.reason}
        </p>
      )}
      <Tabs items={items} value={tab} onChange={setTab} label={t('inspector.title')} />
    </Frame>
  );
}

function Names({ id, node }: { id: string; node: TopologyNode }) {
  const services = useServices();
  const { t } = useText();
  const patch = (change: Parameters<typeof updateNode>[2]) =>
    applyEdit(services, (document) => ({ ok: true, value: updateNode(document, id, change).diff }));
  return (
    <Section title={t(`kind.${node.kind}`)} aside={<span data-tip={t(`kind.${node.kind}.explain`)}>?</span>}>
      <TextField
        label={t('field.title')}
        value={node.title ?? ''}
        onCommit={(title) => patch({ title: title || null })}
      />
      <TextField
        label={t('field.networkName')}
        tip={t('field.networkName.tip')}
        value={node.name}
        isMono
        onCommit={(name) =>
          applyEdit(services, (document) => {
            const renamed = rename(document, id, name);
            return renamed.ok ? { ok: true, value: renamed.value.diff } : renamed;
          })
        }
      />
      <TextField
        label={t('field.notes')}
        value={node.notes ?? ''}
        lines={2}
        onCommit={(notes) => patch({ notes: notes || null })}
      />
    </Section>
  );
}

function GroupInspector({ id, group }: { id: string; group: Group }) {
  const services = useServices();
  const { t } = useText();
  const nodes = useDocument((state) => state.document.nodes);
  const members = Object.entries(nodes).filter(([, node]) => node.parent === id);
  return (
    <Frame title={group.title} tools={<DeleteTool />}>
      <Section title={t('canvas.boundedContext')}>
        <TextField
          label={t('field.title')}
          value={group.title}
          onCommit={(title) =>
            applyEdit(services, (document) => ({ ok: true, value: updateGroup(document, id, { title }).diff }))
          }
        />
        <Button onClick={() => services.commands.perform('edit.ungroup')}>{t('command.ungroup')}</Button>
      </Section>
      <Section title={t('inspector.members')}>
        {members.map(([node, record]) => (
          <div key={node} className={styles.row}>
            <button type="button" className={styles.rowButton} onClick={() => services.view.select({ nodes: [node] })}>
              <Icon name={iconOf(record)} size={14} />
              {nameOf(record)}
            </button>
          </div>
        ))}
      </Section>
    </Frame>
  );
}

/** What can be done with several at once. */
const MANY = ['edit.group', 'edit.arrange', 'edit.pin', 'edit.duplicate'];

function ManyInspector({ count }: { count: number }) {
  const { t } = useText();
  return (
    <Frame title={t('inspector.many', { count })} tools={<DeleteTool />}>
      <Section title={t('inspector.actions')}>
        <div className={styles.actions}>
          {MANY.map((id) => (
            <Action key={id} id={id} />
          ))}
        </div>
      </Section>
    </Frame>
  );
}

function Action({ id }: { id: string }) {
  const command = useCommand(id);
  if (!command) return null;
  return (
    <Button onClick={command.perform} shortcut={command.shortcut} disabledReason={command.disabledReason}>
      {command.icon && <MenuIcon name={command.icon} size={14} />}
      {command.label}
    </Button>
  );
}

function DeleteTool() {
  const { commands } = useServices();
  const { t } = useText();
  return (
    <IconButton label={t('command.delete')} shortcut="Delete" onClick={() => commands.perform('edit.delete')}>
      <Trash2 size={15} aria-hidden="true" />
    </IconButton>
  );
}
