import { ApiError } from '../api-error';
import { checkShape } from './constraints';
import { parseJobArn } from '../jobs/job-kind';
import type { Job, JobRegistry } from '../jobs/job-registry';
import { checkTags } from './request-rules';
import { ADD_TAGS, DELETE_TAGS, LIST_TAGS, MAX_TAGS } from './request-shapes';

/** Tags of jobs, those given to Create included. All fit on one page, since a job has 50 at most. */
export class TagOperations {
  constructor(private readonly registry: JobRegistry) {}

  async addTags(body: unknown): Promise<object> {
    const { ResourceArn, Tags } = checkShape(ADD_TAGS, body);
    checkTags(Tags);
    const job = await this.find(ResourceArn);
    const merged = new Map([...job.tags, ...Tags].map((tag) => [tag.Key, tag]));
    if (merged.size > MAX_TAGS)
      throw new ApiError('ResourceLimitExceeded', `A resource can have at most ${MAX_TAGS} tags.`);
    await this.registry.setTags(job, [...merged.values()]);
    return { Tags: job.tags };
  }

  async listTags(body: unknown): Promise<object> {
    const job = await this.find(checkShape(LIST_TAGS, body).ResourceArn);
    return { Tags: job.tags };
  }

  async deleteTags(body: unknown): Promise<object> {
    const { ResourceArn, TagKeys } = checkShape(DELETE_TAGS, body);
    const job = await this.find(ResourceArn);
    await this.registry.setTags(
      job,
      job.tags.filter(({ Key }) => !TagKeys.includes(Key)),
    );
    return {};
  }

  private async find(arn: string): Promise<Job> {
    const parsed = parseJobArn(arn);
    const job = parsed && (await this.registry.current(parsed.kind, parsed.name));
    if (!job || job.record.arn !== arn) throw new ApiError('ValidationException', 'Requested resource not found.');
    return job;
  }
}
