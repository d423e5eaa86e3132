/** Names of the log and the door in an operator's words, on more than one page; a name that is not known here is shown as it is. */

const alternatives: Readonly<Record<string, string>> = {
  do_nothing: 'Do nothing',
  cheapest: 'Cheapest',
  weighed: 'Cheapest by price and weights',
  most_certain: 'Most certain',
  lowest_carbon: 'Lowest carbon',
  greedy: 'Cheapest first, one by one',
  greedy_by_price: 'Cheapest first, one by one',
  llm: 'Proposed by the co-pilot',
};

const classes: Readonly<Record<string, string>> = {
  ev_charger: 'EV charger',
  heat_pump: 'Heat pump',
  battery: 'Battery',
  hvac: 'Air conditioning',
  generator: 'Generator',
  compute: 'Data centre',
};

export function plainWords(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const alternativeWords = (name: string) => alternatives[name] ?? plainWords(name);
export const classWords = (name: string) => classes[name] ?? plainWords(name);

/** What a refused write means for the person at the desk. */
export function refusalWords(status: number, detail: string): string {
  switch (status) {
    case 401:
      return 'You are not signed in any more. Sign in again; nothing was changed.';
    case 403:
      return `You may not do this from here; nothing was changed. ${detail}`.trim();
    case 404:
      return 'The server does not know this event or plan (any more); nothing was changed.';
    case 409:
      return `The plan has changed or is already decided; nothing was changed. Look at the newest plan, then decide again. ${detail}`.trim();
    case 422:
    case 400:
      return `The server did not accept this; nothing was changed. ${detail}`.trim();
    case 0:
      return 'The server did not answer; whether anything was changed is not known. The page shows what is in force as soon as the server is back.';
    default:
      return `The server answered ${status}. ${detail}`.trim();
  }
}
