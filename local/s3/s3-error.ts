/**
 * Every error the endpoint answers with: code, HTTP status, sentence. The codes and statuses are those of Amazon S3
 * (S3 API reference, "List of error codes"), because the AWS SDK decides by them what to retry and which class to
 * throw.
 */
const S3_ERRORS = {
  AccessControlListNotSupported: [400, 'The bucket does not allow ACLs: what lies here is for its owner alone.'],
  AccessDenied: [403, 'Access Denied'],
  AuthorizationHeaderMalformed: [400, 'The authorization header is malformed.'],
  AuthorizationQueryParametersError: [400, 'The signature parameters in the query are malformed.'],
  BadDigest: [400, 'The checksum you specified did not match what was received.'],
  BucketAlreadyOwnedByYou: [409, 'The bucket you tried to create already exists, and you own it.'],
  BucketNotEmpty: [409, 'The bucket you tried to delete is not empty.'],
  EntityTooLarge: [400, 'Your proposed upload exceeds the maximum allowed size.'],
  EntityTooSmall: [400, 'Every part but the last must be at least 5 MiB.'],
  IncompleteBody: [400, 'The body is not as long as its length header announced.'],
  /** Not a code of S3, whose disks do not fill. Of the 5xx only 500 to 504 are repeated by the SDKs. */
  InsufficientStorage: [507, 'The disk of this machine is full. Free some space, then try again.'],
  InternalError: [500, 'The local S3 endpoint failed; its log has the cause. Please try again.'],
  InvalidAccessKeyId: [403, 'The AWS access key ID you provided is not known here.'],
  InvalidArgument: [400, 'Invalid argument.'],
  InvalidBucketName: [400, 'The bucket name is not valid.'],
  InvalidDigest: [400, 'The Content-MD5 or checksum value is not valid.'],
  InvalidLocationConstraint: [400, 'The specified location constraint is not valid.'],
  InvalidPart: [400, 'One or more of the specified parts could not be found, or its ETag does not match.'],
  InvalidPartNumber: [416, 'The requested partnumber is not satisfiable'],
  InvalidPartOrder: [400, 'The list of parts was not in ascending order.'],
  InvalidRange: [416, 'The requested range is not satisfiable.'],
  InvalidRequest: [400, 'Invalid request.'],
  InvalidURI: [400, 'The path cannot be decoded.'],
  KeyTooLongError: [400, 'The key is longer than 1024 bytes.'],
  MalformedTrailerError: [400, 'The trailer of the aws-chunked body is malformed.'],
  MalformedXML: [400, 'The XML you provided is not well formed or is not of the expected shape.'],
  MaxMessageLengthExceeded: [400, 'The request document is too large.'],
  MetadataTooLarge: [400, 'The user metadata is larger than 2 KB.'],
  MethodNotAllowed: [405, 'The method is not allowed against this resource.'],
  MissingContentLength: [411, 'You must provide the Content-Length header.'],
  NoSuchBucket: [404, 'The specified bucket does not exist.'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NoSuchUpload: [404, 'The upload does not exist; it may have been aborted or completed.'],
  NoSuchVersion: [404, 'The specified version does not exist: nothing here has versions.'],
  NotImplemented: [501, 'The local S3 endpoint does not implement this.'],
  PreconditionFailed: [412, 'At least one of the preconditions you specified did not hold.'],
  RequestTimeTooSkewed: [403, 'The difference between the request time and this machine is more than 15 minutes.'],
  SignatureDoesNotMatch: [
    403,
    'The signature does not match the one calculated here. Check your secret key and signing method.',
  ],
  SlowDown: [503, 'Please reduce your request rate.'],
  XAmzContentSHA256Mismatch: [400, 'The provided x-amz-content-sha256 header does not match what was computed.'],
} as const satisfies Record<string, readonly [status: number, message: string]>;

type S3ErrorCode = keyof typeof S3_ERRORS;

/** An answer other than success, thrown anywhere below the request loop and written there as S3's error XML. */
export class S3Error extends Error {
  readonly code: S3ErrorCode;
  readonly status: number;
  /** Extra elements of the error document, such as the region a signature should have named. */
  readonly details: Readonly<Record<string, string>>;

  constructor(code: S3ErrorCode, message?: string, details: Readonly<Record<string, string>> = {}) {
    super(message ?? S3_ERRORS[code][1]);
    this.name = 'S3Error';
    this.code = code;
    this.status = S3_ERRORS[code][0];
    this.details = details;
  }
}
