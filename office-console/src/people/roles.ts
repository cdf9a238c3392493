// The roles an account can have, the most common first. Refuses to say what a role may do: the server does.

import type { Role } from '../api/session.ts';

export const ROLES: readonly Role[] = [
  'village_head',
  'commune_officer',
  'verifier',
  'viewer',
  'admin',
  'tip_officer',
];
