import { Notice } from '@/components/Notice';

export function EventPage({ eventId }: { eventId: string }) {
  return <Notice title={eventId} />;
}
