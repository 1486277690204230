import { untilInterrupted, withOwnStack, type StackContext } from '../stack/open-stack';

/** Runs the local stack, without a job, until Ctrl-C. Rejects when one runs already or a part of it ends. */
export async function up(context: StackContext): Promise<void> {
  await withOwnStack(context, async (stack) => {
    const { endpoints, bucket } = stack;
    const { SPACEPORT_PUBLIC_URL: publicUrl } = context.environment;
    const key = publicUrl ? ` -H "authorization: Bearer $SPACEPORT_KEY"` : '';
    context.say(`
Spaceport           ${endpoints.server}${publicUrl ? `, for others ${publicUrl}` : ''}
Temporal Web UI     ${endpoints.temporalUi}
Temporal            ${endpoints.temporal}
Mail                ${endpoints.mail}
S3                  ${endpoints.s3} (bucket ${bucket}, keys in ${context.checkout.stateFolder}/credentials.json)
SageMaker           ${endpoints.sagemaker}

Upload photos, then start a job with the address that is printed${publicUrl ? ' (SPACEPORT_KEY: an API key)' : ''}:
  npm run spaceport -- upload FOLDER
  curl -X POST ${endpoints.server}/start-job${key} -H 'content-type: application/json' -d '{"s3Url":"s3://${bucket}/uploads/local/ID/FOLDER/","email":"you@example.com","preset":"preview"}'

Up until Ctrl-C.`);
    await untilInterrupted(stack, context);
  });
}
