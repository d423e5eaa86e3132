import { describe, expect, it } from 'vitest';
import { type AskAnswer, type CopilotState, chipHelp, chipWord, originWords } from './model';

const copilot: CopilotState = {
  state: 'off',
  model: 'm-1',
  share: 'figures',
  last_fault: 'status 500',
  tokens_today: 0,
  tokens_per_day: 10,
};
const answer: AskAnswer = {
  question: 'q',
  text: 't',
  answered_by: 'model',
  verdict: 'answered',
  sourced: true,
  citations: [],
  unsourced: [],
  model: 'm-1',
};

describe('chip', () => {
  it('says its state in a word', () => {
    expect(chipWord(copilot)).toBe('Co-pilot off');
    expect(chipWord(undefined)).toBe('Co-pilot ?');
  });
  it('tells why a model is left alone', () => {
    expect(chipHelp({ ...copilot, state: 'breaker' })).toContain('status 500');
    expect(chipHelp({ ...copilot, state: 'ok' })).toContain('figures');
  });
});

describe('origin', () => {
  it('says when there is no source', () => {
    expect(originWords(answer)).toContain('every figure');
    expect(originWords({ ...answer, sourced: false })).toContain('without a source');
    expect(originWords({ ...answer, answered_by: 'desk' })).toBe('Headroom’s own words');
    expect(originWords({ ...answer, answered_by: 'nobody' })).toBe('Not answered');
  });
});
