import type { Zone } from '@/lib/time';
import { Decision } from './Decision';
import {
  type Asking,
  approveConsequences,
  approveHindrance,
  cancelConsequences,
  cancelHindrance,
  expiryWords,
  rejectConsequences,
  waitingPlan,
} from './decisions';
import { type EventDetail, isOver } from './model';

interface Props {
  event: EventDetail;
  asking: Asking;
  domainNow: number | null;
  zone: Zone;
  onDone: () => void;
}

export function Actions({ event, asking, domainNow, zone, onDone }: Props) {
  const plan = waitingPlan(event);
  const expiry = plan ? expiryWords(plan, domainNow) : null;
  if (isOver(event.state)) {
    return null;
  }
  return (
    <div className="ev-actions">
      {plan ? (
        <>
          <p className="ev-warning">
            <span aria-hidden="true">■</span> Plan {plan.round} waits for approval{expiry ? `; it ${expiry}` : ''}.
          </p>
          <Decision
            key={`approve-${plan.sha256}`}
            verb="Approve the plan"
            path={`/api/v1/plans/${encodeURIComponent(plan.plan_id)}/approve`}
            body={{ sha256: plan.sha256 }}
            consequences={approveConsequences(event, plan, zone)}
            hindrance={approveHindrance(asking)}
            onDone={onDone}
          />
          <Decision
            key={`reject-${plan.sha256}`}
            verb="Reject the plan"
            path={`/api/v1/plans/${encodeURIComponent(plan.plan_id)}/reject`}
            body={{ sha256: plan.sha256 }}
            consequences={rejectConsequences(event, plan)}
            hindrance={approveHindrance(asking)}
            onDone={onDone}
          />
        </>
      ) : null}
      <Decision
        verb="Cancel the event"
        path={`/api/v1/events/${encodeURIComponent(event.event_id)}/cancel`}
        body={{}}
        consequences={cancelConsequences(event)}
        hindrance={cancelHindrance(asking, event)}
        isGrave
        onDone={onDone}
      />
    </div>
  );
}
