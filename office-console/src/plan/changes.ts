// Changes of the plan as requests, each naming the version it saw. Refuses to send a change without one.

import { type Assignment, api, ask, type Schemas } from '../api/office.ts';

export type Changes = Schemas['AssignmentChanges'];

const named = (assignment: Assignment) => ({
  path: { id: assignment.id },
  header: { 'If-Match': `"${assignment.version}"` },
});

export function changePlace(assignment: Assignment, body: Changes): Promise<Assignment> {
  return ask(api.PATCH('/api/v1/assignments/{id}', { params: named(assignment), body }));
}

export function cancelPlace(assignment: Assignment): Promise<Assignment> {
  return ask(api.DELETE('/api/v1/assignments/{id}', { params: named(assignment) }));
}

export function freshPlace(id: string): Promise<Assignment> {
  return ask(api.GET('/api/v1/assignments/{id}', { params: { path: { id } } }));
}
