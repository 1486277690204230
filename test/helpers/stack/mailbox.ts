/** The mails that a stack's sink has taken. */
export class Mailbox {
  /** Raw mails by id: they never change. */
  private readonly mails = new Map<string, string>();

  /** @param address of the sink's pages */
  constructor(private readonly address: string) {}

  /** Subjects of the mails that have arrived about a job, newest first. */
  async about(jobId: string): Promise<string[]> {
    const read = (path: string): Promise<Response> => fetch(`${this.address}${path}`);
    const listed = (await (await read('/messages?limit=500')).json()) as { id: string; subject: string }[];
    for (const { id } of listed) {
      // Quoted-printable breaks long lines, and with them a job id.
      if (!this.mails.has(id))
        this.mails.set(id, (await (await read(`/messages/${id}`)).text()).replaceAll('=\r\n', ''));
    }
    return listed.filter(({ id }) => this.mails.get(id)?.includes(jobId)).map(({ subject }) => subject);
  }
}
