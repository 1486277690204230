/**
 * Files beside photos that say where photos or ground points are: ODM's geo.txt and gcp_list.txt, and tables of
 * positions. SfM reads them (containers/sfm/spaceport_sfm/position_files.py knows the same names); docs/frame.md.
 */
const POSITION_FILES = /(^|\/)(geo|gcp_list)\.txt$|[^/]\.csv$/;

/** Whether a file, given by its path below the photos' folder, may be one by its name. Case does not matter. */
export const isPositionFile = (path: string): boolean => POSITION_FILES.test(path.replaceAll('\\', '/').toLowerCase());

export const MAX_POSITION_FILE_BYTES = 4 * 2 ** 20;
/** A flight has one of each kind: a folder with more has something else. */
export const MAX_POSITION_FILES = 100;
