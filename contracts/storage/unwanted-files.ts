/**
 * Folders that file servers, operating systems and cameras keep beside the photos: thumbnails, recycle bins, snapshots,
 * indexes. What lies below them are copies of photos, or photos that somebody threw away.
 */
const UNWANTED_FOLDERS = [
  /^\.(?!\.?$)/, // hidden: .@__thumb (QNAP), .thumbnails, .Trash-1000, .Trashes, .Spotlight-V100, .snapshot, .git
  /^@(eadir|tmp|recycle|recently-snapshot|sharesnap|snapshot|sharebin|__thumb)$/, // Synology, QNAP
  /^#(recycle|snapshot)$/, // Synology
  /^\$recycle\.bin$|^recycler$|^recycled$|^system volume information$/, // Windows
  /^__macosx$|^lost\+found$|^network trash folder$|^temporary items$/,
];

/** DJI keeps `MISC/THM/100/DJI_0001.THM` and, with some cameras, JPEGs there. */
const CAMERA_THUMBNAILS = /(^|\/)misc\/thm\//;

/** Files that operating systems and cameras leave beside photos. */
const UNWANTED_FILES = [
  /^\./, // .DS_Store, ._DJI_0001.JPG
  /^(thumbs|ehthumbs|ehthumbs_vista)\.db(:encryptable)?$|^desktop\.ini$|^autorun\.inf$|^icon\r?$/,
  /^synophoto_thumb_|^synofile_thumb_/,
  /\.(mrk|obs|nav|bin|rtk|rtb|rpos|txt\.md5|srt|lrf|lrv|thm|aae|pp3|xmp|@synoeastream|@synoresource)$/,
];

/**
 * Whether a file, given by its path below the photos' folder, is neither a photo nor anything that a person would miss.
 * Such files are not sent, not examined, and not listed among those that are left out. Case does not matter.
 */
export function isUnwanted(path: string): boolean {
  const lowerCase = path.replaceAll('\\', '/').toLowerCase();
  const folders = lowerCase.split('/');
  const file = folders.pop() ?? '';
  return (
    file === '' ||
    CAMERA_THUMBNAILS.test(lowerCase) ||
    UNWANTED_FILES.some((pattern) => pattern.test(file)) ||
    folders.some((folder) => UNWANTED_FOLDERS.some((pattern) => pattern.test(folder)))
  );
}
