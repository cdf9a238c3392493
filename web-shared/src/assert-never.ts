// The end of every switch over a union: a new member does not compile until somebody decided what it means.

export function assertNever(value: never): never {
  throw new Error(`not a case: ${JSON.stringify(value)}`);
}
