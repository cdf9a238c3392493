// A whole table into the plan: first a dry run that names every wrong cell, then all of it or nothing.
// Refuses to write anything but the very bytes that the dry run found right.

import { number } from '@minhchung/web-shared/format/format.ts';
import { useEffect, useRef, useState } from 'preact/hooks';
import { fetchRaw, Problem, type Schemas } from '../api/office.ts';
import { language, lookup, text } from '../text/text.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { Failure, Notice } from '../ui/Notice.tsx';
import { useRowWindow } from '../ui/virtual.ts';

type Report = Schemas['ImportReport'];
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const ROW_HEIGHT = 34;

/** A table as it was when it was chosen; the file may be saved anew while the report is read. */
interface Table {
  readonly name: string;
  readonly content: Blob;
}

async function send(table: Table, isDryRun: boolean): Promise<Report> {
  const kind = table.name.toLowerCase().endsWith('.xlsx') ? XLSX : 'text/csv';
  const response = await fetchRaw(`/api/v1/assignments/import?dry_run=${String(isDryRun)}`, {
    method: 'POST',
    headers: { 'content-type': kind },
    body: table.content,
  });
  return (await response.json()) as Report;
}

export function ImportDialog({
  file: given,
  onClose,
  onWritten,
}: {
  file: File | null;
  onClose: () => void;
  onWritten: () => void;
}) {
  const [file, setFile] = useState<File | null>(given);
  const [table, setTable] = useState<Table | null>(null);
  const [report, setReport] = useState<Report | null>(null);
  const [written, setWritten] = useState<Report | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);

  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => {
    setReport(null);
    setWritten(null);
    setTable(null);
    if (file === null) return;
    let isLatest = true;
    void attempt(async () => {
      const read = { name: file.name, content: new Blob([await file.arrayBuffer()]) };
      const found = await send(read, true);
      if (!isLatest) return;
      setTable(read);
      setReport(found);
    });
    return () => {
      isLatest = false;
    };
  }, [file]);
  const write = () =>
    attempt(async () => {
      if (table === null) return;
      setWritten(await send(table, false));
      onWritten();
    });
  const isGood = report !== null && report.errors.length === 0;

  return (
    <Dialog title={text('import.title')} wide onClose={onClose}>
      <label class="drop">
        <span>{file === null ? text('import.choose') : file.name}</span>
        <input
          type="file"
          class="visually-hidden"
          accept=".xlsx,.csv,text/csv"
          // The same file, saved anew, is a new choice.
          onClick={(event) => {
            event.currentTarget.value = '';
          }}
          onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)}
        />
      </label>
      {isBusy && <p class="loading">{text('import.reading')}</p>}
      {error !== null && <Failure error={error} />}
      {error instanceof Problem && error.fields.length > 0 && (
        <Errors errors={error.fields.map(fieldRow)} more={0} />
      )}
      {report !== null && written === null && (
        <>
          <Counts report={report} />
          {report.ignored_columns.length > 0 && (
            <p class="hint">{text('import.ignored', { columns: report.ignored_columns.join(', ') })}</p>
          )}
          {isGood ? (
            <Notice tone="good">{text('import.good')}</Notice>
          ) : (
            <>
              <Notice tone="bad">
                {text('import.bad', { n: report.errors.length + report.more_errors })}
              </Notice>
              <Errors errors={report.errors} more={report.more_errors} />
            </>
          )}
          <button type="button" class="button main" disabled={!isGood || isBusy} onClick={() => void write()}>
            {text('import.write')}
          </button>
        </>
      )}
      {written !== null && (
        <>
          <Notice tone="good">{text('import.written')}</Notice>
          <Counts report={written} />
          <button type="button" class="button main" onClick={onClose}>
            {text('action.close')}
          </button>
        </>
      )}
    </Dialog>
  );
}

function fieldRow(field: { pointer: string; code: string; detail: string }): Report['errors'][number] {
  const [, , line = '0', column = ''] = field.pointer.split('/');
  return { line: Number(line), column, code: field.code, detail: field.detail };
}

function Counts({ report }: { report: Report }) {
  return (
    <dl class="figure-line import-counts">
      {(['rows', 'created', 'updated', 'unchanged', 'cancelled'] as const).map((name) => (
        <div key={name}>
          <dt>{text(`import.${name}`)}</dt>
          <dd data-count={name}>{number(report[name], language.value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Errors({ errors, more }: { errors: Report['errors']; more: number }) {
  const box = useRef<HTMLDivElement>(null);
  const seen = useRowWindow(box, errors.length, ROW_HEIGHT);
  return (
    <div
      class="table-box import-errors"
      ref={box}
      tabIndex={0}
      role="group"
      aria-label={text('import.errors')}
    >
      <table class="table" aria-rowcount={errors.length + 1}>
        <thead>
          <tr>
            <th scope="col">{text('import.line')}</th>
            <th scope="col">{text('import.column')}</th>
            <th scope="col">{text('import.wrong')}</th>
          </tr>
        </thead>
        <tbody>
          {seen.above > 0 && <tr class="spacer" aria-hidden="true" style={{ height: `${seen.above}px` }} />}
          {errors.slice(seen.from, seen.to).map((error, index) => (
            <tr key={`${error.line} ${error.column} ${error.code}`} aria-rowindex={seen.from + index + 2}>
              <td class="figure">{error.line}</td>
              <td>{lookup(`assignment.${error.column}`) ?? error.column}</td>
              <td>{error.detail}</td>
            </tr>
          ))}
          {seen.below > 0 && <tr class="spacer" aria-hidden="true" style={{ height: `${seen.below}px` }} />}
        </tbody>
      </table>
      {more > 0 && <p class="hint">{text('import.more', { n: more })}</p>}
    </div>
  );
}
