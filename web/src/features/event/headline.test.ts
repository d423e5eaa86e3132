import { describe, expect, it } from 'vitest';
import { assignment, madeUpEvent } from './fixture';
import { headline } from './headline';
import type { Plan } from './model';

const said = (change: Parameters<typeof madeUpEvent>[0]) => headline(madeUpEvent(change), 'utc');

describe('headline while the event runs', () => {
  it('tells where, how much, when, how sure, and what holds ready', () => {
    expect(said({})).toEqual({
      sentence:
        'HV-1 is expected to go 312 kW over its 2.40 MW limit from 17:30 (probability 93 %); ' +
        '352 kW are held ready by 2 devices, to be told shortly before 17:30.',
      tone: 'running',
    });
  });

  it('names the phase of a phase limit and the reading of a live overload', () => {
    expect(said({ cause: 'live', phase: 'L2', feeder_id: 'F-7', state: 'active' }).sentence).toMatch(
      /^F-7, phase L2 went 312 kW over its 2\.40 MW limit at 16:58; /,
    );
  });

  it('speaks of no excess where a person asked for relief', () => {
    expect(said({ cause: 'person', state: 'active' }).sentence).toMatch(
      /^312 kW of relief is asked for at HV-1 from 17:30; /,
    );
    expect(said({ cause: 'person', state: 'completed' }).sentence).toMatch(/^312 kW of relief was asked for at HV-1/);
  });

  it('says that it was seen a week ahead, on which day, and that it is weighed again', () => {
    const clock = [{ name: 'seen_week_ahead', at: '2027-01-09T17:00:00Z', since_detection_ms: null }];
    const waits = said({ clock, state: 'proposed', waits_for_approval: false, assignments: [] });
    expect(waits.sentence).toMatch(
      /^HV-1 is seen, by the weeks before, to go 312 kW over its 2\.40 MW limit on \w{3} \d+ Jan 17:30/,
    );
    expect(waits.sentence).toContain('it is weighed again each day, and nothing is bought yet');
  });

  it('counts a silent device apart', () => {
    const { sentence } = said({
      state: 'active',
      assignments: [assignment('B-1', 'following'), assignment('B-2', 'silent'), assignment('B-3', 'told')],
    });
    expect(sentence).toContain('2 devices are relieving it');
    expect(sentence).toContain('1 device did not answer and was set aside');
  });

  it('speaks of one device as one', () => {
    const { sentence } = said({ state: 'active', assignments: [assignment('B-1', 'following')] });
    expect(sentence).toContain('1 device is relieving it');
  });

  it('is an alarm while somebody must approve or the need is not covered', () => {
    expect(said({ state: 'proposed', waits_for_approval: true }).tone).toBe('alarm');
    expect(said({ shortfall_kw: 1 }).tone).toBe('alarm');
  });

  it('says that a plan for more waits beside what is bought', () => {
    const plan = { actions: [{}, {}], cost_gbp: 12.5 } as Plan;
    const { sentence, tone } = said({ waits_for_approval: true, plans: [plan] });
    expect(sentence).toMatch(/held ready by 2 devices.*; a plan for 2 more offers for £12\.50 waits for approval\.$/);
    expect(tone).toBe('alarm');
  });
});

describe('headline of an event that is over', () => {
  const over = {
    state: 'completed',
    outcome: 'relieved',
    peak_without_kw: 2712,
    peak_with_kw: 2390,
    delivered_kw: 340,
    assignments: [assignment('B-1', 'released'), assignment('B-2', 'released'), assignment('B-3', 'silent')],
    statement: {
      statement_id: 's',
      version: 1,
      state: 'VERIFIED',
      rounding: '',
      delivered_kwh: 170,
      total_gbp: '41.20',
      lines: [],
    },
  } as const;

  it('tells what would have been, what was done, what came of it and what it cost', () => {
    expect(said({ ...over, assignments: [...over.assignments], statement: { ...over.statement, lines: [] } })).toEqual({
      sentence:
        'HV-1 would have gone 312 kW over its 2.40 MW limit from 17:30; 2 devices turned down 340 kW; ' +
        '1 device did not answer and was set aside; it stayed within its limit (peak 2.39 MW); £41.20.',
      tone: 'calm',
    });
  });

  it('does not claim more than the meters can tell', () => {
    const sentence = (peak_with_kw: number, outcome: string) =>
      said({ state: 'completed', outcome, peak_without_kw: 2712, peak_with_kw }).sentence;
    expect(sentence(2411, 'relieved')).toContain('it stayed within its limit (peak 2.41 MW)');
    expect(sentence(2460, 'relieved')).toContain('its highest minute was 60.0 kW over');
    expect(sentence(2460, 'shortfall')).toContain('it still peaked 60.0 kW over its limit');
    expect(sentence(2380, 'unmeasured')).toContain('nothing shows that it stayed within its limit');
  });

  it('does not say "would have" when nobody knows the load without', () => {
    const { sentence } = said({ state: 'completed', outcome: 'relieved' });
    expect(sentence).toContain('was expected to go 312 kW over');
    expect(sentence).not.toContain('would have');
  });

  it('says so when nothing was asked', () => {
    expect(said({ state: 'cancelled', outcome: 'rejected' }).sentence).toContain(
      'the plan was rejected and nothing was asked',
    );
    expect(said({ state: 'failed', outcome: 'shortfall', peak_with_kw: 2500 }).tone).toBe('alarm');
  });
});
