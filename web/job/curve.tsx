import { skipToken, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { JobView } from '../../contracts/job/view';
import type { GatheredQuality, QualityPoint } from '../../contracts/stages/quality';
import { joined } from '../api/curve';
import { keys } from '../api/keys';
import { job as words } from '../i18n/en/job';
import { count, decimal } from '../ui/format';
import { useDark } from '../ui/scheme';

const MIN_POINTS = 2;
const HEIGHT = 220;
/** Rows of the table beside the picture. */
const ROWS = 20;

/** How the quality of a job's scene has grown: what its answer tells, and events since. */
export default function Curve({ job }: { readonly job: Pick<JobView, 'jobId' | 'quality'> }): ReactNode {
  const { data: told } = useQuery<readonly GatheredQuality[]>({
    queryKey: keys.curve(job.jobId),
    queryFn: skipToken, // events alone write it
    gcTime: Infinity,
  });
  const points = useMemo(() => joined(job.quality, told ?? []), [job.quality, told]);
  if (points.length < MIN_POINTS) return null;
  const step = Math.ceil(points.length / ROWS);
  const rows = points.filter((_, index) => index % step === 0 || index === points.length - 1);
  return (
    <section className="card curve">
      <h2>{words.curve.title}</h2>
      <p className="quiet small">{words.curve.text}</p>
      <Plot points={points} />
      <details>
        <summary>{words.curve.table}</summary>
        <table>
          <thead>
            <tr>
              <th>{words.curve.iterations}</th>
              <th className="number">{words.curve.psnr}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ iteration, psnr }) => (
              <tr key={iteration}>
                <td>{count(iteration)}</td>
                <td className="number">{decimal(psnr, 2)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}

const asColumns = (points: readonly QualityPoint[]): uPlot.AlignedData => [
  points.map(({ iteration }) => iteration),
  points.map(({ psnr }) => psnr),
];

function Plot({ points }: { readonly points: readonly QualityPoint[] }): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const isDark = useDark();
  useEffect(() => {
    const holder = place.current;
    if (holder === null) return;
    const style = getComputedStyle(holder);
    const ink = colour(holder, '--quiet');
    const line = colour(holder, '--line');
    const accent = colour(holder, '--accent');
    const axis = {
      stroke: ink,
      grid: { stroke: line, width: 1 },
      ticks: { stroke: line },
      font: `12px ${style.fontFamily}`,
    };
    const made = new uPlot(
      {
        width: holder.clientWidth,
        height: HEIGHT,
        scales: { x: { time: false } },
        legend: { show: false },
        axes: [axis, { ...axis, size: 44 }],
        series: [{}, { stroke: accent, width: 2, points: { show: false } }],
      },
      [[], []],
      holder,
    );
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: holder.clientWidth, height: HEIGHT }));
    resized.observe(holder);
    return () => {
      resized.disconnect();
      made.destroy();
    };
  }, [isDark]); // its colours are fixed when it is made
  useEffect(() => plot.current?.setData(asColumns(points)), [points, isDark]);
  return <div ref={place} className="plot" aria-hidden="true" />;
}

/** A colour of the tokens as the canvas needs it: without light-dark(). */
function colour(within: HTMLElement, token: string): string {
  const probe = within.appendChild(document.createElement('i'));
  probe.style.color = `var(${token})`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
