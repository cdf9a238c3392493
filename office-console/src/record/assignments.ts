// Assignments that records speak of, asked once and kept while the console is open.
// Refuses to keep a failure.

import { useEffect, useState } from 'preact/hooks';
import { type Assignment, api, ask } from '../api/office.ts';

const KEPT = 500;
const known = new Map<string, Promise<Assignment>>();

export function assignmentOf(id: string): Promise<Assignment> {
  const before = known.get(id);
  if (before !== undefined) return before;
  const asked = ask(api.GET('/api/v1/assignments/{id}', { params: { path: { id } } }));
  known.set(id, asked);
  asked.catch(() => known.delete(id));
  for (const old of known.keys()) {
    if (known.size <= KEPT) break;
    known.delete(old);
  }
  return asked;
}

/** The assignment, when it is here. */
export function useAssignment(id: string | null): Assignment | null {
  const [found, setFound] = useState<Assignment | null>(null);
  useEffect(() => {
    let wanted = true;
    setFound(null);
    if (id === null) return;
    assignmentOf(id).then(
      (assignment) => wanted && setFound(assignment),
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [id]);
  return found?.id === id ? found : null;
}
