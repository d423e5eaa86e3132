/** What stands on the page of programmes, in an operator's words. */

import { formatDate, parseTime } from '@/lib/time';
import { formatNumber, formatShare } from '@/lib/units';
import type { Enrolment, Programme, Standing } from './model';

export const standingWords: Readonly<Record<Standing, string>> = {
  eligible: 'may be used',
  no_consent: 'no consent',
  not_qualified: 'not qualified',
  failed_test: 'failed its test',
  suspended: 'suspended',
  withdrawn: 'has left',
};

const productWords: Readonly<Record<string, string>> = {
  framework: 'framework',
  availability: 'armed',
  spot: 'spot',
};

/** "16:00–20:00 on working days". */
export function hoursWords(programme: Programme): string {
  const all = programme.day_from === '00:00' && programme.day_until === '24:00';
  const hours = all ? 'all day' : `${programme.day_from}–${programme.day_until}`;
  return programme.working_days_only ? `${hours} on working days` : hours;
}

export function productsWords(programme: Programme): string {
  return programme.products.map((product) => productWords[product] ?? product).join(', ');
}

/** What a resource must have shown: "90 %, again after 365 days". */
export function testWords(programme: Programme): string {
  if (programme.test_share === 0) {
    return 'none';
  }
  const share = formatShare(programme.test_share);
  return programme.test_valid_days > 0 ? `${share}, again after ${programme.test_valid_days} days` : share;
}

/** Why it may not be used, or until when it may. */
export function standingDetail(enrolment: Enrolment): string {
  const day = (text: string | null) => formatDate(parseTime(text));
  switch (enrolment.standing) {
    case 'suspended':
      return `${enrolment.suspended_because}${enrolment.suspended_until ? `, until ${day(enrolment.suspended_until)}` : ''}`;
    case 'withdrawn':
      return `on ${day(enrolment.withdrawn_at)}`;
    case 'failed_test':
      return `${formatNumber(enrolment.delivered_kw, 1)} of ${formatNumber(enrolment.tested_kw, 1)} kW`;
    case 'not_qualified':
      return enrolment.tested_at ? `the test of ${day(enrolment.tested_at)} counts no longer` : 'no test yet';
    case 'no_consent':
      return `given for ${day(enrolment.consent_from)} to ${day(enrolment.consent_until)}`;
    case 'eligible':
      return `consent until ${day(enrolment.consent_until)}`;
  }
}
