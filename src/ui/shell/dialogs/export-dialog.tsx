import { Copy, Download } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { documentText, fileNameOf } from '../../../app/commands/document-actions.ts';
import { showPlace } from '../../../app/commands/show-place.ts';
import { buildExport } from '../../../app/export/build-export.ts';
import type { Problem } from '../../../core/base/result.ts';
import type { FidelityRow } from '../../../core/compose/model.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button, IconButton } from '../../kit/button.tsx';
import { classes } from '../../kit/classes.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { Icon } from '../../kit/icon.tsx';
import { useDocument, useServices } from '../../services.tsx';
import { useFidelityWords } from '../../text/fidelity-words.ts';
import { placeWords, useProblemWords } from '../../text/problem-words.ts';
import { useText } from '../../text/use-text.tsx';
import styles from './export-dialog.module.css';

type Target = 'compose' | 'json';
type Gateway = 'runtime' | 'nginx';
type Built = { files: Map<string, string>; report: FidelityRow[] } | { problems: readonly Problem[] } | null;

/** Takes the system home: what is written, how faithful it is, and the download. */
export function ExportDialog() {
  const services = useServices();
  const { t } = useText();
  const document = useDocument((state) => state.document);
  const [target, setTarget] = useState<Target>('compose');
  const [isSingle, setSingle] = useState(false);
  const [gateway, setGateway] = useState<Gateway>('runtime');
  const hasGateway = Object.values(document.nodes).some((node) => node.kind === 'gateway');
  const built = useBuilt(target, isSingle, gateway);
  const name = fileNameOf(document.name);
  const isReady = built !== null && 'files' in built;
  const file = target === 'json' ? `${name}.servarium.json` : isSingle ? 'compose.yaml' : `${name}.zip`;
  const close = () => services.view.openDialog(null);

  const download = async () => {
    if (!built || !('files' in built)) return;
    const [only] = built.files.values();
    if (target === 'json' || isSingle) services.files.download(file, only ?? '', 'text/plain');
    else services.files.download(file, await zipped(name, built.files), 'application/zip');
    services.view.notify({ tone: 'ok', words: { key: 'export.done', values: { file } } });
    close();
  };

  return (
    <Dialog
      title={t('export.title')}
      width={960}
      onClose={close}
      footer={
        <>
          {target === 'compose' && <Command />}
          <span style={{ flex: 1 }} />
          {target === 'compose' && hasGateway && (
            <label className={styles.single}>
              {t('export.gateway')}
              <select
                value={gateway}
                onChange={(event) => setGateway(event.target.value as Gateway)}
                data-testid="export-gateway"
              >
                <option value="runtime">{t('export.gateway.runtime')}</option>
                <option value="nginx">nginx</option>
              </select>
            </label>
          )}
          {target === 'compose' && (
            <label className={styles.single}>
              <input type="checkbox" checked={isSingle} onChange={(event) => setSingle(event.target.checked)} />
              {t('export.single')}
            </label>
          )}
          <Button
            look="primary"
            large
            disabledReason={isReady ? null : t(built === null ? 'export.working' : 'export.blocked')}
            onClick={() => void download()}
            data-testid="export-download"
          >
            <Download size={15} aria-hidden="true" />
            {t('export.download', { file })}
          </Button>
        </>
      }
    >
      <div className={styles.columns}>
        <nav className={styles.targets} aria-label={t('export.title')}>
          {(['compose', 'json'] as const).map((id) => (
            <button
              key={id}
              type="button"
              aria-pressed={id === target}
              className={classes(styles.target, id === target && styles.chosen)}
              onClick={() => setTarget(id)}
            >
              <Icon name={id === 'compose' ? 'inventory' : 'document'} />
              {t(`export.${id}`)}
            </button>
          ))}
        </nav>
        <div className={styles.content}>
          {built === null && <p className={styles.waiting}>{t('export.working')}</p>}
          {built !== null && 'problems' in built && <Problems problems={built.problems} />}
          {built !== null && 'files' in built && (
            <Contents files={built.files} report={built.report} isCompose={target === 'compose'} />
          )}
        </div>
      </div>
    </Dialog>
  );
}

/** Builds again when the target or the form changes; the last one wanted wins. */
function useBuilt(target: Target, isSingle: boolean, gateway: Gateway): Built {
  const services = useServices();
  const document = useDocument((state) => state.document);
  const [built, setBuilt] = useState<Built>(null);
  useEffect(() => {
    let isWanted = true;
    // What was built for another target must not be offered meanwhile.
    // oxlint-disable-next-line react/set-state-in-effect
    setBuilt(null);
    if (target === 'json') {
      setBuilt({ files: new Map([['topology.json', documentText(services)]]), report: [] });
      return undefined;
    }
    // After the dialog is drawn: recording the verification takes a moment.
    const timer = setTimeout(() => {
      const work = buildExport(document, isSingle ? 'single' : 'zip', new URL('../', window.document.baseURI), gateway);
      void work.then((result) => {
        if (isWanted) setBuilt(result.ok ? result.value : { problems: result.error });
      });
    }, 30);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [document, gateway, isSingle, services, target]);
  return built;
}

/** What keeps the document from being exported; each leads to where it is. */
function Problems({ problems }: { problems: readonly Problem[] }) {
  const services = useServices();
  const { t } = useText();
  const say = useProblemWords();
  const document = useDocument((state) => state.document);
  const go = (at: string): void => {
    services.view.openDialog(null);
    // After the dialog has gone: it gives the focus back when it closes.
    setTimeout(() => showPlace(services, at));
  };
  return (
    <>
      <p className={styles.lead}>{t('export.blocked')}</p>
      <ul className={styles.problems} aria-label={t('problems.list')}>
        {problems.map((problem, index) => {
          const { says, fix } = say(problem);
          return (
            <li key={`${problem.code} ${problem.at} ${index}`}>
              <button type="button" onClick={() => go(problem.at)}>
                <strong>{placeWords(problem.at, document)}</strong>
                {says}
                {fix !== null && <small>{fix}</small>}
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}

const LEVELS = { exact: 'ok', equivalent: 'ok', approximate: 'amber', unsupported: 'err' } as const;

function Contents({
  files,
  report,
  isCompose,
}: {
  files: Map<string, string>;
  report: FidelityRow[];
  isCompose: boolean;
}) {
  const { t, number } = useText();
  const say = useFidelityWords();
  const [shown, setShown] = useState<string | null>(null);
  const text = shown === null ? undefined : files.get(shown);
  const paths = useMemo(() => [...files.keys()], [files]);
  return (
    <>
      <p className={styles.lead}>{isCompose ? t('export.composeBody', { count: files.size }) : t('export.jsonBody')}</p>
      <section aria-label={t('export.files')}>
        <ul className={styles.files}>
          {paths.map((path) => (
            <li key={path}>
              <button
                type="button"
                aria-expanded={path === shown}
                onClick={() => setShown(path === shown ? null : path)}
              >
                <span>{path}</span>
                <small>{t('export.kilobytes', { size: number((files.get(path)?.length ?? 0) / 1000, 1) })}</small>
              </button>
              {path === shown && (
                // Long files scroll, so the block takes the focus.
                // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
                <pre tabIndex={0} aria-label={t('export.preview', { file: path })}>
                  {(text ?? '').slice(0, PREVIEW)}
                </pre>
              )}
            </li>
          ))}
        </ul>
      </section>
      {report.length > 0 && (
        <section aria-label={t('export.report')}>
          <h3 className={styles.heading}>{t('export.report')}</h3>
          <table className={styles.report}>
            <tbody>
              {report.map((row) => {
                const { aspect, note } = say(row);
                return (
                  <tr key={`${row.node} ${row.aspect}`}>
                    <th scope="row">{row.node ?? t('export.system')}</th>
                    <td>{aspect}</td>
                    <td>
                      <Badge tone={LEVELS[row.level]}>{t(`export.level.${row.level}`)}</Badge>
                    </td>
                    <td className={styles.note}>{note}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </section>
      )}
    </>
  );
}

/** Characters of a file that the preview shows. */
const PREVIEW = 20_000;

function Command() {
  const { view } = useServices();
  const { t } = useText();
  const line = t('export.start');
  return (
    <>
      <code className={styles.command}>{line}</code>
      <IconButton
        label={t('app.copy')}
        onClick={() =>
          void navigator.clipboard?.writeText(line).then(
            () => view.announce({ key: 'app.copied' }),
            () => undefined,
          )
        }
      >
        <Copy size={14} aria-hidden="true" />
      </IconButton>
    </>
  );
}

async function zipped(folder: string, files: Map<string, string>): Promise<BlobPart> {
  const { strToU8, zipSync } = await import('fflate');
  const entries = Object.fromEntries([...files].map(([path, text]) => [`${folder}/${path}`, strToU8(text)]));
  return zipSync(entries) as BlobPart;
}
