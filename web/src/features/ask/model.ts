/** What /api/v1/copilot and /api/v1/ask answer, and the words for it. */

export interface CopilotState {
  state: 'off' | 'ok' | 'breaker' | 'probing' | 'spent';
  model: string;
  share: string;
  last_fault: string;
  tokens_today: number;
  tokens_per_day: number;
}

export interface Citation {
  kind: 'query' | 'entry' | 'passage';
  label: string;
  path: string;
  seq: number | null;
}

export interface AskAnswer {
  question: string;
  text: string;
  answered_by: 'model' | 'desk' | 'nobody';
  verdict: string;
  sourced: boolean;
  citations: Citation[];
  unsourced: string[];
  model: string;
}

/** The chip's word: short, and never a colour alone. */
export function chipWord(copilot: CopilotState | undefined): string {
  return copilot ? `Co-pilot ${copilot.state}` : 'Co-pilot ?';
}

/** The same at length, for whoever points at it. */
export function chipHelp(copilot: CopilotState | undefined): string {
  if (!copilot) {
    return 'The state of the co-pilot is not known';
  }
  const what = {
    off: 'No language model is asked; answers and plans are Headroom’s own',
    ok: `${copilot.model} may be asked; it decides nothing. What leaves the site: ${copilot.share}`,
    breaker: `${copilot.model} is left alone after failures: ${copilot.last_fault}`,
    probing: `One request is out to see whether ${copilot.model} is back`,
    spent: 'The day’s tokens are used up',
  };
  return what[copilot.state];
}

/** Who worded the answer, and what that is worth. */
export function originWords(answer: AskAnswer): string {
  if (answer.answered_by === 'model') {
    return answer.sourced
      ? `Worded by ${answer.model || 'a language model'}; every figure is the desk’s`
      : `Worded by ${answer.model || 'a language model'}, without a source`;
  }
  return answer.answered_by === 'desk' ? 'Headroom’s own words' : 'Not answered';
}
