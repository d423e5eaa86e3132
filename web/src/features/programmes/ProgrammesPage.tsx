import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { StatusMark } from '@/components/StatusMark';
import { type Column, Table } from '@/components/Table';
import { getJson, postJson, roleAllows, type Session } from '@/lib/api';
import { useLive } from '@/lib/live_store';
import { formatDate, parseTime } from '@/lib/time';
import { formatCount, formatNumber } from '@/lib/units';
import type { Enrolment, Enrolments, Programme, Programmes, Standing } from './model';
import { hoursWords, productsWords, standingDetail, standingWords, testWords } from './wording';
import './programmes.css';

type Act = 'suspend' | 'resume' | 'withdraw';
interface Question {
  act: Act;
  enrolment: Enrolment;
}

const actWords: Readonly<Record<Act, { button: string; confirm: string; explain: string }>> = {
  suspend: {
    button: 'Suspend…',
    confirm: 'Suspend',
    explain: 'No plan uses it from now on, until the suspension is lifted. Contracts that stand are kept.',
  },
  resume: { button: 'Lift…', confirm: 'Lift the suspension', explain: 'Plans may use it again from now on.' },
  withdraw: {
    button: 'Leaves…',
    confirm: 'The site leaves',
    explain: 'Its consent is over. It can be enrolled again later.',
  },
};

function actsOf(enrolment: Enrolment): Act[] {
  if (enrolment.standing === 'withdrawn') {
    return [];
  }
  return [enrolment.standing === 'suspended' ? 'resume' : 'suspend', 'withdraw'];
}

const programmeColumns: Column<Programme>[] = [
  {
    key: 'id',
    title: 'Programme',
    cell: (row) => (
      <>
        <code>{row.programme_id}</code> {row.name}
      </>
    ),
  },
  {
    key: 'dates',
    title: 'From – until',
    cell: (row) => `${formatDate(parseTime(row.from))} – ${formatDate(parseTime(row.until))}`,
  },
  { key: 'hours', title: 'Hours', cell: hoursWords },
  {
    key: 'open',
    title: 'Now',
    cell: (row) => <StatusMark level={row.open_now ? 'normal' : 'unknown'} word={row.open_now ? 'open' : 'closed'} />,
  },
  { key: 'products', title: 'Products', cell: productsWords },
  {
    key: 'classes',
    title: 'For',
    cell: (row) => (row.der_classes.length === 0 ? 'every class' : row.der_classes.join(', ')),
  },
  { key: 'test', title: 'Test must deliver', cell: testWords },
  { key: 'enrolled', title: 'Enrolled', number: true, cell: (row) => formatNumber(row.enrolled) },
  { key: 'eligible', title: 'May be used', number: true, cell: (row) => formatNumber(row.eligible) },
  { key: 'kw', title: 'kW of these', number: true, cell: (row) => formatNumber(row.eligible_kw, 1) },
];

/** Who may be used for flexibility under which terms, and who is left out and why. */
export function ProgrammesPage({ session }: { session: Session }) {
  const queries = useQueryClient();
  const live = useLive((state) => state.live);
  const [standing, setStanding] = useState<Standing | ''>('');
  const [question, setQuestion] = useState<Question | null>(null);
  const programmes = useQuery({
    queryKey: ['programmes'],
    queryFn: ({ signal }) => getJson<Programmes>('/api/v1/programmes', { limit: 1000 }, signal),
  });
  const enrolments = useQuery({
    queryKey: ['enrolments', standing],
    queryFn: ({ signal }) =>
      getJson<Enrolments>('/api/v1/enrolments', standing === '' ? { limit: 1000 } : { limit: 1000, standing }, signal),
  });
  const hindrance = !live
    ? 'The connection is lost: nothing can be changed.'
    : roleAllows(session, 'operator')
      ? ''
      : 'Changes are for operators.';
  const fault = programmes.error ?? enrolments.error;
  if (fault && !(programmes.data && enrolments.data)) {
    return (
      <Notice title="The programmes could not be read">
        <p role="alert">{fault.message}</p>
      </Notice>
    );
  }
  if (!programmes.data || !enrolments.data) {
    return <Notice title="Reading…" />;
  }
  const columns: Column<Enrolment>[] = [
    { key: 'der', title: 'Resource', cell: (row) => row.der_id },
    { key: 'class', title: 'Class', cell: (row) => row.der_class },
    { key: 'feeder', title: 'Feeder', cell: (row) => row.feeder_id },
    { key: 'programme', title: 'Programme', cell: (row) => <code>{row.programme_id}</code> },
    { key: 'provider', title: 'Through', cell: (row) => row.provider },
    { key: 'kw', title: 'kW', number: true, cell: (row) => formatNumber(row.power_kw, 1) },
    {
      key: 'standing',
      title: 'Standing',
      cell: (row) => (
        <StatusMark level={row.standing === 'eligible' ? 'normal' : 'near'} word={standingWords[row.standing]} />
      ),
    },
    { key: 'why', title: 'Because', cell: standingDetail },
    {
      key: 'acts',
      title: <span className="hidden-text">Change</span>,
      cell: (row) => (
        <span className="programmes-acts">
          {actsOf(row).map((act) => (
            <button
              key={act}
              type="button"
              disabled={hindrance !== ''}
              aria-label={`${actWords[act].confirm}: ${row.der_id} in ${row.programme_id}`}
              onClick={() => setQuestion({ act, enrolment: row })}
            >
              {actWords[act].button}
            </button>
          ))}
        </span>
      ),
    },
  ];
  return (
    <div className="programmes">
      <h1>Programmes</h1>
      <Panel title="Terms">
        {programmes.data.programmes.length === 0 ? (
          <Notice title="There is no programme: every offer counts">
            <p>
              <code>headroom programmes set</code> makes one. From then on plans use only resources that are enrolled,
              consented to, qualified and not suspended.
            </p>
          </Notice>
        ) : (
          <Table
            caption="Programmes and their terms"
            columns={programmeColumns}
            rows={programmes.data.programmes}
            rowKey={(row) => row.programme_id}
          />
        )}
      </Panel>
      <Panel title="Enrolments">
        <div className="programmes-filter">
          <label>
            Standing{' '}
            <select value={standing} onChange={(change) => setStanding(change.target.value as Standing | '')}>
              <option value="">all</option>
              {Object.entries(standingWords).map(([word, text]) => (
                <option key={word} value={word}>
                  {text}
                </option>
              ))}
            </select>
          </label>
          <span className="dim">
            {formatCount(enrolments.data.enrolments.length, 'enrolment')}
            {enrolments.data.next_cursor ? ', the first ones' : ''}
          </span>
          {hindrance ? <span className="dim">{hindrance}</span> : null}
        </div>
        {enrolments.data.enrolments.length === 0 ? (
          <Notice title={standing === '' ? 'Nobody is enrolled yet' : 'Nobody stands so'} />
        ) : (
          <Table
            caption="Enrolments and whether they may be used"
            columns={columns}
            rows={enrolments.data.enrolments}
            rowKey={(row) => `${row.programme_id}/${row.der_id}`}
          />
        )}
      </Panel>
      {question ? (
        <ConfirmDialog
          title={`${actWords[question.act].confirm}: ${question.enrolment.der_id} in ${question.enrolment.programme_id}`}
          confirmWord={actWords[question.act].confirm}
          disabled={!live}
          onClose={() => setQuestion(null)}
          onConfirm={async (reason) => {
            const { programme_id, der_id } = question.enrolment;
            await postJson(
              `/api/v1/programmes/${encodeURIComponent(programme_id)}/enrolments/${encodeURIComponent(der_id)}/${question.act}`,
              { reason },
            );
            await queries.invalidateQueries({ queryKey: ['enrolments'] });
            await queries.invalidateQueries({ queryKey: ['programmes'] });
          }}
        >
          <p>{actWords[question.act].explain}</p>
        </ConfirmDialog>
      ) : null}
    </div>
  );
}
