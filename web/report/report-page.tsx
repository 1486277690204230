import { Printer } from 'lucide-react';
import type { ReactNode } from 'react';
import type { HeldOutPhoto, StageMetrics } from '../../contracts/generated/reports';
import { failureTitle } from '../../contracts/job/failures';
import { isFinal } from '../../contracts/job/state';
import type { JobView } from '../../contracts/job/view';
import { warningsOf } from '../../contracts/stages/reports';
import { posterName } from '../../contracts/storage/posters';
import type { PageProps } from '../app/page-props';
import { result } from '../i18n/en/result';
import { JobFrame } from '../job/job-frame';
import { Ledger, Numbers } from '../job/numbers';
import type { ListedPhoto } from '../photos/photo-list';
import { usePhotoList } from '../photos/query';
import { shownFile } from '../ui/address';
import { bytes, count, decimal } from '../ui/format';
import { Facts } from '../ui/facts';
import { ranked, type Rank } from './held-out';
import './report-page.css';

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
  const isReady = state === 'succeeded' || published !== null;
  const poster = posterName(new Set(published?.files.map(({ name }) => name)));
  return (
    <>
      <section className={`notice ${isReady ? 'good' : failure === null ? '' : 'bad'} verdict`}>
        {poster !== null && <img src={shownFile(jobId, poster)} alt="" />}
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
      {training.refit && <p className="quiet small">{words.refit(count(training.refit.photos))}</p>}
      <ul className="held-out">
        {photos.map(([rank, photo]) => (
          <HeldOutPair key={rank} rank={rank} photo={photo} jobId={job.jobId} thumbnail={thumbnailOf(list, photo)} />
        ))}
      </ul>
      {training.offPath && <OffPath jobId={job.jobId} view={training.offPath} />}
    </section>
  );
}

/** Results of before have no pictures of their own: a thumbnail stands for the photo. */
const thumbnailOf = (list: readonly ListedPhoto[], { name }: HeldOutPhoto): string | null =>
  list.find((photo) => photo.name === name || photo.image === name)?.thumbnail ?? null;

/** A photo that was held out beside the model's picture of the same view. */
function HeldOutPair({
  rank,
  photo: { name, psnr, ssim, photo, render },
  jobId,
  thumbnail,
}: {
  readonly rank: Rank;
  readonly photo: HeldOutPhoto;
  readonly jobId: string;
  readonly thumbnail: string | null;
}): ReactNode {
  const pictures = [
    [words.asPhoto, photo ?? thumbnail, words.photo(name)],
    [words.asModel, render ?? null, words.render(name)],
  ] as const;
  return (
    <li>
      <h3>
        {words[rank]} <span className="quiet">{name}</span>
      </h3>
      <div className="pair">
        {pictures.map(
          ([caption, file, alt]) =>
            file !== null && (
              <figure key={caption}>
                <img src={shownFile(jobId, file)} alt={alt} />
                <figcaption>{caption}</figcaption>
              </figure>
            ),
        )}
      </div>
      <p className="quiet small">
        {words.psnr} {decimal(psnr, 1)} dB · {words.ssim} {decimal(ssim, 2)}
      </p>
    </li>
  );
}

type OffPathView = NonNullable<StageMetrics['training']['offPath']>;

/** What the scene shows from where nobody stood. */
function OffPath({ jobId, view }: { readonly jobId: string; readonly view: OffPathView }): ReactNode {
  return (
    <figure className="off-path">
      <img src={shownFile(jobId, view.picture)} alt={words.offPathAlt(view.near)} />
      <figcaption>{words.offPath(view.near)}</figcaption>
    </figure>
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
