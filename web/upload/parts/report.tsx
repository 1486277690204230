import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { upload as words } from '../../i18n/en/upload';
import { MiniMap } from '../../map/mini-map';
import { inUnitsOf, type UnitSystem } from '../../../contracts/scene/units';
import { bytes, count, decimal } from '../../ui/format';
import { lengthWords, useUnits } from '../../ui/units';
import type { Finding, PhotoReport, Severity, Share } from '../checks/photo-checks';
import { planePoints } from '../checks/places';
import { Facts } from '../../ui/facts';

/** What was found about the chosen photos, before anything is sent. */
export function Report({ report }: { readonly report: PhotoReport }): ReactNode {
  const text = words.report;
  return (
    <section className="card report" aria-labelledby="report-heading">
      <h2 id="report-heading">{text.heading}</h2>
      {report.photos > 0 && <Figures report={report} />}
      {report.path.length > 1 && (
        <MiniMap points={planePoints(report.path)} label={text.pathLabel(report.path.length)} />
      )}
      {report.findings.length === 0 && report.photos > 0 && (
        <p className="good">
          <CircleCheck aria-hidden size={20} /> {text.good}
        </p>
      )}
      <ul className="findings">
        {report.findings.map((finding) => (
          <FindingItem key={finding.code} finding={finding} />
        ))}
      </ul>
    </section>
  );
}

function Figures({ report }: { readonly report: PhotoReport }): ReactNode {
  const text = words.report;
  const { taken, altitude } = report;
  const units = useUnits();
  const rows: readonly (readonly [string, string])[] = [
    [text.photos, count(report.photos)],
    [text.size, bytes(report.bytes)],
    [text.camera, first(report.cameras)],
    [text.resolution, first(report.sizes)],
    [text.taken, taken === null ? text.unknown : span(taken.from, taken.to)],
    [text.gps, text.of(report.withGps, report.photos)],
    ...(altitude === null ? [] : [[text.altitude, range(altitude.low, altitude.high, units)] as const]),
    ...(report.extentM === 0 ? [] : [[text.extent, lengthWords(report.extentM, 0, units)] as const]),
  ];
  return <Facts facts={rows} className="figures" />;
}

const first = ([most, ...others]: readonly Share[]): string =>
  most === undefined
    ? words.report.unknown
    : most.what + (others.length === 0 ? '' : ` ${words.report.more(others.length)}`);

/** The day once, where both times are of it. */
const span = (from: string, to: string): string =>
  from === to ? from : `${from} – ${to.startsWith(from.slice(0, 10)) ? to.slice(11) : to}`;

function range(lowM: number, highM: number, units: UnitSystem): string {
  const low = decimal(inUnitsOf(units, lowM), 0);
  const high = lengthWords(highM, 0, units);
  return high.startsWith(`${low} `) ? high : `${low} to ${high}`;
}

const ICONS = { stop: CircleAlert, warning: TriangleAlert, note: Info } as const satisfies Record<Severity, unknown>;
/** Names that are listed; the rest is counted. */
const NAMED = 8;

function FindingItem({ finding }: { readonly finding: Finding }): ReactNode {
  const { code, severity, names } = finding;
  const { title, advice } = words.findings[code](finding.count, names);
  const Icon = ICONS[severity];
  const isNamed = names.length > 0 && !['setProblem', 'archiveUnreadable', 'unseenArchive'].includes(code);
  return (
    <li className="finding" data-severity={severity} data-code={code}>
      <Icon aria-label={words.report.severity[severity]} role="img" size={20} />
      <div>
        <strong>{title}</strong>
        <p>{advice}</p>
        {isNamed && (
          <details>
            <summary>{words.report.which}</summary>
            <ul>
              {names.slice(0, NAMED).map((name) => (
                <li key={name}>{name}</li>
              ))}
              {names.length > NAMED && <li>{words.report.more(names.length - NAMED)}</li>}
            </ul>
          </details>
        )}
      </div>
    </li>
  );
}
