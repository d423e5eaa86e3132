/** Names of the log and the door in an operator's words; a name that is not known here is shown as it is. */

import { plainWords } from '@/lib/words';

const planStates: Readonly<Record<string, string>> = {
  proposed: 'waits for approval',
  approved: 'approved',
  rejected: 'rejected',
  authorised: 'authorised by an envelope',
  superseded: 'superseded',
  expired: 'expired',
  shadow: 'shadow: not carried out',
};

const parts: Readonly<Record<string, string>> = {
  raise: 'Overload raised',
  'risk.raise': 'Overload raised',
  plan: 'Plan',
  'flex.plan': 'Plan',
  guard: 'Guard',
  'guard.check': 'Guard',
  settlement: 'Settlement',
  'settlement.settle': 'Settlement',
};

export const planStateWords = (name: string) => planStates[name] ?? name;
export const partWords = (name: string) => parts[name] ?? plainWords(name);
