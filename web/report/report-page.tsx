import { Printer } from 'lucide-react';
import type { ReactNode } from 'react';
import type { StageMetrics } from '../../contracts/generated/reports';
import { failureTitle } from '../../contracts/job/failures';
import { isFinal } from '../../contracts/job/state';
import type { JobView } from '../../contracts/job/view';
import { warningsOf } from '../../contracts/stages/reports';
import type { PageProps } from '../app/page-props';
import { result } from '../i18n/en/result';
import { JobFrame } from '../job/job-frame';
import { Ledger, Numbers } from '../job/numbers';
import { usePhotoList } from '../photos/query';
import { shownFile } from '../ui/address';
import { bytes, count, decimal } from '../ui/format';
import { ranked } from './held-out';
import './report-page.css';
import { Facts } from '../ui/facts';

const words = result.report;

/** What became of a job, on one page that is printed well. */
export default function ReportPage({ params: { id = '' } }: PageProps): ReactNode {
  return (
    <JobFrame jobId={id} page="report">
      {(job) => (
        <article className="report">
          <Verdict job={job} />
          <Numbers job={job} />
          {job.stages.training !== undefined && <HeldOut job={job} training={job.stages.training} />}
          {job.stages.compression !== undefined && <Compression compression={job.stages.compression} />}
          <Ledger attempts={job.attempts} />
        </article>
      )}
    </JobFrame>
  );
}

function Verdict({ job }: { readonly job: JobView }): ReactNode {
  const { state, failure, stages, jobId, result: published } = job;
  const isReady = state === 'succeeded';
  const hasPoster = published?.files.some(({ name }) => name === 'poster.jpg') ?? false;
  return (
    <>
      <section className={`notice ${isReady ? 'good' : failure === null ? '' : 'bad'} verdict`}>
        {hasPoster && <img src={shownFile(jobId, 'poster.jpg')} alt="" />}
        <div>
          <h2>{isReady ? words.ready : failure !== null ? failureTitle(failure.code) : words.notReady}</h2>
          <p>
            {isReady
              ? words.readyText
              : failure !== null
                ? `${failure.message}. ${failure.advice}`
                : isFinal(state)
                  ? ''
                  : words.none}
          </p>
          <button type="button" className="print" onClick={() => print()}>
            <Printer aria-hidden="true" size={16} />
            {words.print}
          </button>
        </div>
      </section>
      {warningsOf(stages).map((warning) => (
        <p key={warning} className="notice warn">
          {warning}
        </p>
      ))}
    </>
  );
}

function HeldOut({ job, training }: { readonly job: JobView; readonly training: StageMetrics['training'] }): ReactNode {
  const photos = ranked(training.heldOut ?? []);
  const { data: list = [] } = usePhotoList(job);
  if (photos.length === 0) return null;
  return (
    <section className="card">
      <h2>{words.heldOut}</h2>
      <p className="quiet small">{words.heldOutText}</p>
      <ul className="held-out">
        {photos.map(([rank, { name, psnr, ssim }]) => {
          const thumbnail = list.find((photo) => photo.name === name || photo.image === name)?.thumbnail ?? null;
          return (
            <li key={rank}>
              {thumbnail !== null && <img src={shownFile(job.jobId, thumbnail)} alt={words.photo(name)} />}
              <strong>{words[rank]}</strong>
              <span>{name}</span>
              <span>
                {words.psnr} {decimal(psnr, 1)} dB · {words.ssim} {decimal(ssim, 2)}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Compression({ compression }: { readonly compression: StageMetrics['compression'] }): ReactNode {
  const { gaussians, shBands, bytes: size, plyBytes, ratioSh3, decodedPsnr } = compression;
  const facts: [string, string][] = [
    [words.bytes, bytes(size)],
    ...(plyBytes === undefined ? [] : [[words.ply, bytes(plyBytes)] as [string, string]]),
    [words.smaller, decimal(ratioSh3, 1)],
    [words.gaussians, count(gaussians)],
    [words.harmonics, count(shBands)],
    ...(typeof decodedPsnr === 'number' ? [[words.decoded, `${decimal(decodedPsnr, 1)} dB`] as [string, string]] : []),
  ];
  return (
    <section className="card">
      <h2>{words.compression}</h2>
      <Facts facts={facts} />
    </section>
  );
}
