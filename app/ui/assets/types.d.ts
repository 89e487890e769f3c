// What Python hands to the viewer and what the preview routes answer, for the type checker only: no browser loads this file.

/** Every setting by its short key, each as a link spells it. */
type SettingValues = Record<string, string>;

/** A knob of the settings panel: a row of Python's table of settings, or the paper menu. */
interface Knob {
  key: string;
  kind: "number" | "whole" | "color" | "switch" | "choice" | "markup" | "font" | "fonts" | "paper";
  label: string;
  unit?: string;
  low?: number;
  high?: number;
  step?: number;
  help?: string;
  /** The word of a link and what the panel calls it. */
  choices?: [string, string][];
  /** The key of the knob that keeps its distance to this one. */
  moves?: string;
  /** The keys of a page's width and height. */
  sides?: [string, string];
}

/** A knob on the panel. `show` puts a value into it. */
interface PlacedKnob extends Knob {
  row: HTMLElement;
  /** What it is called, on the panel. */
  name: HTMLElement;
  error: HTMLElement;
  show: (value: string) => void;
  shown?: string;
  spelt?: string;
}

interface KnobGroup {
  title: string;
  knobs: Knob[];
}

interface FontChoice {
  token: string;
  family: string;
  licence: string;
  scripts: string[];
  source: string;
  uploaded: boolean;
}

interface Preset {
  name: string;
  note: string;
  values: SettingValues;
}

interface ViewerData {
  base: string;
  settings: SettingValues;
  defaults: SettingValues;
  revision: number;
  at: number;
  open: { b: SettingValues | null; show: string };
  message: [string, string] | null;
  groups: KnobGroup[];
  fonts: FontChoice[];
  presets: Preset[];
  papers: Record<string, [number, number]>;
  aspects: number[];
  windows: { text: number; pages: number };
  /** Tokens of the book as text, and how many of them are sent. */
  reading: { text: number; sent: number };
  gpus: { id: string; name: string; short: string }[];
  gpu: string;
}

/** What Python hands to Compare's knobs. */
interface KnobsData {
  base: string;
  settings: SettingValues;
  defaults: SettingValues;
  revision: number;
  groups: KnobGroup[];
  fonts: FontChoice[];
  presets: Preset[];
  papers: Record<string, [number, number]>;
  aspects: number[];
  windows: { text: number; pages: number };
  reading: { text: number; sent: number };
  gpu: string;
}

/** Streamlit's side of a component. */
interface Component<Data> {
  parentElement: HTMLElement;
  data: Data;
  setStateValue: (name: string, value: unknown) => void;
  setTriggerValue: (name: string, value: unknown) => void;
}

/** What the panel and its neighbours may ask the viewer to do. */
interface Act {
  change: (changes: SettingValues, done: boolean) => void;
  settle: () => void;
  replace: (values: SettingValues) => void;
  load: (text: string) => void;
  book: (what: string) => void;
  gpu: () => void;
  go: (page: number) => void;
}

/** Who shows a page and the figures of its book: the viewer, Compare's knobs. */
interface PageOwner {
  placing: Placing;
  query: () => string;
  url: (name: string, more: Record<string, string | number>) => string;
  figuresUrl: (settled: boolean) => string;
  showPicture: (answer: PictureAnswer, request: PageAsking & { asked: number }) => void;
  showFigures: (answer: FiguresAnswer, request: FiguresAsking & { asked: number }) => void;
  failed: (error: any, request: { url: string; query?: string }) => void;
}

/** Width, height, visual tokens, first character, columns of visual tokens. */
type PageRow = [number, number, number, number, number];

interface Clarity {
  misread: string;
  source: "table" | "measured";
  contrast: number;
  words: string;
}

interface BookFigures {
  clarity: Clarity;
  engine: "fast" | "reference";
  reason: string | null;
  pages: PageRow[];
  visual_tokens: number;
  visual_prompt_tokens: number;
  text_tokens: number;
  ratio: number;
  resampled: number;
  untrained: string[];
  /** Both sides' projected waits in words; `sent`: what of the text is sent, "" for all of it. */
  prefill: { gpu: string; text: string; pages: string; sooner: string; sent: string; sentence: string };
  png_bytes?: { bytes: number; sampled: number; exact: boolean };
  missing?: [string, string, number][];
  missing_total?: number;
  missing_share?: number;
  missing_kinds?: number;
  cure?: { changes: SettingValues; family: string; covers: number } | null;
}

/** 202: the reference engine is still at work, or would be if the hand let go. */
interface StillDrawing {
  drawing: { reason: string; started: boolean; done: number; total: number | null };
}

type PictureAnswer = { picture: HTMLImageElement; drawing?: undefined } | (StillDrawing & { picture?: undefined });
type FiguresAnswer = (BookFigures & { drawing?: undefined }) | (StillDrawing & { pages?: undefined });
/** Start, end (exclusive), page (0: not known yet), words before, found, after. */
type Match = [number, number, number, string, string, string];
/** DPI, ratio, visual tokens, pages. */
type CurvePoint = [number, number, number, number];

/** What is asked of a route. `query`: the settings in it, to be compared with those of the screen when the answer comes. */
interface Asking {
  url: string;
}
interface SettingsAsking extends Asking {
  query: string;
}
interface PageAsking extends SettingsAsking {
  at: number;
  settled: boolean;
  page?: number;
}
interface FiguresAsking extends SettingsAsking {
  settled: boolean;
}
interface CellsAsking extends SettingsAsking {
  page: number;
}
interface PassageAsking extends Asking {
  picture: HTMLImageElement;
}

interface Cells {
  page: number;
  columns: number;
  rows: number;
  texts: string[];
  tokens: number[];
  why_not?: string;
}

interface Marks {
  page: number;
  boxes: [number, number, number, number][];
  cells: number[];
}

interface ReferenceAnswer {
  key: string;
  page: number;
  whole_page: boolean;
  identical: boolean;
  pixels: number;
  differing_pixels: number;
  largest_difference: number;
  fast_size: [number, number];
  reference_size: [number, number];
  reference_ms: number;
  fast_ms: number;
}

interface AdviceRow {
  title: string;
  cost: string;
  ratio: number;
  gain: number;
  pages: number;
  visual_tokens: number;
  changes: SettingValues;
  book_change: string;
  harmless: boolean;
}

interface Window {
  glyphStage?: StageNow;
  /** This tab tells by a notification when both have answered. */
  glyphTellsDone?: boolean;
  glyphSeenSerials?: Set<string>;
  glyphSidebarIsPutAway?: boolean;
}

// --- the turn of a conversation ---

type Role = "text" | "pages";
/** A string, or a tag and what is in it; an ordered list may tell its first number. */
type Tree = string | [string, ...(Tree | number)[]];

/** Something of an answer that was looked up in the book. Page 0: there is none to open. */
interface Claim {
  kind: "name" | "number" | "quotation";
  text: string;
  found: "found" | "found differently" | "not found";
  sign: string;
  note: string;
  page: number;
  from: number;
  to: number;
}

interface CheckedView {
  words: string;
  caveat: string;
  query: string;
  claims: Claim[];
}

/** `tokens` of the book; `share` of the window that they take, above 1 where they do not fit. */
interface BookCost {
  tokens: number;
  label: string;
  share: number;
  words: string;
  help: string;
}

/** One side of a question, as app/web/comparison_json.py makes it. Times in ms since the request was ready to send. */
interface SideState {
  title: string;
  model: string;
  simulated: boolean;
  /** Played from a recording: nothing of it can be stopped or asked again. */
  recorded: boolean;
  /** How many times as fast as the wall's its clock runs: 1 for what is run now, 0 for a replay that stands still. */
  pace: number;
  kind: string;
  kind_help: string;
  attempt: number;
  phase: string;
  phase_label: string;
  phase_elapsed_ms: number;
  waited_ms: number | null;
  over: boolean;
  /** How far the prompt is read, as the server says itself, and when it will have read it at this pace. */
  reading: { share: number; finish_ms: number | null; words: string } | null;
  ttft_ms: number | null;
  read: string;
  /** What the book costs this side, beside its window. */
  cost: BookCost | null;
  projected_ms: number | null;
  /** "projected"; "expected" where a simulator does not take the projected time. */
  projected_word: string;
  projected_help: string;
  slow_after_ms: number | null;
  cache: string;
  cache_help: string;
  verdict: { kind: string; label: string; help: string } | null;
  /** Label, value, what it means. */
  figures: [string, string, string][];
  error: { what_happened: string; what_to_do: string; can_retry: boolean } | null;
  note: string;
  checked?: CheckedView | null;
  reasoning?: string;
  answer?: string;
  blocks?: Tree[];
  tail?: Tree[];
}

/** What a player of a recording needs. `firsts`: where each side's first token lies, in seconds. */
interface ReplayView {
  url: string | null;
  length_s: number;
  at_s: number;
  speed: number;
  firsts: Partial<Record<Role, number>>;
}

/** Side, "reasoning" or "answer", new words, finished blocks, the open one. */
type Delta = [Role, string, string, Tree[], Tree[]];

interface TurnView {
  id: string;
  version: number;
  number?: number | null;
  question: string;
  sentence: string;
  stamp: string;
  /** The system prompts, whole. */
  stamp_help: string;
  known: string;
  place: string;
  /** When, where and with which models it was recorded; "" for what is run now. */
  recorded: string;
  /** How many fewer tokens the pages need, and in words. */
  ratio: { figure: string; words: string } | null;
  replay?: ReplayView | null;
  sides: Partial<Record<Role, SideState>>;
  stream_url?: string | null;
}

interface TurnData {
  turn: TurnView;
  newest: boolean;
  changed: boolean;
  /** Where the book's pages, and the turn as Markdown, are asked for. */
  preview: string;
  markdown: string;
}

interface StageItem {
  question: string;
  /** The turn that answers it; null: it has not been asked. */
  id: string | null;
  running: boolean;
  /** It is played from a recording. */
  played: boolean;
}

/** The open book: what is known before anything is asked. */
interface StageBook {
  ratio: { figure: string; words: string } | null;
  text: BookCost | null;
  pages: BookCost | null;
}

interface StageData {
  items: StageItem[];
  book: StageBook;
  /** Why the last question could not be asked; "": it could. */
  trouble: string;
  health: string;
}

/** What the stage tells all turns: which of them it shows, and how large. */
interface StageNow {
  /** The stage that said so last: one that goes must not take the picture of the one that came. */
  owner: object;
  shown: string;
  sizes: Record<string, string>;
}

interface PendingData {
  turns: number;
  running: boolean;
  /** Questions that wait for the answers before them. */
  queued: number;
  /** The question by the label of its button. */
  suggested: Record<string, string>;
}
