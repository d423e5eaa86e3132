import { Notice } from '@/components/Notice';

export function Overview() {
  return <Notice title="Overview" />;
}
