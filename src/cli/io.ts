import pc from 'picocolors';

/** What a command may do to the outside; tests pass their own. */
export interface Io {
  /** Resolves when the text has been handed to the system, so that ending the process loses nothing. */
  out(text: string): Promise<void>;
  /** Notices and errors, one line each. */
  note(text: string): void;
  /** Whether reports may use colours. */
  readonly colour: boolean;
  /** Whether a person watches stderr. */
  readonly interactive: boolean;
  readonly environment: NodeJS.ProcessEnv;
}

export function processIo(): Io {
  // A reader that has seen enough (`| head`) closes the pipe: that is no error of ours.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  return {
    out: (text) =>
      new Promise((resolve) => {
        process.stdout.write(text, () => resolve());
      }),
    note: (text) => void process.stderr.write(`${text}\n`),
    colour: pc.isColorSupported && process.stdout.isTTY === true,
    interactive: process.stderr.isTTY === true,
    environment: process.env,
  };
}

/** Progress on a terminal, for work that takes longer than a second; silent otherwise. */
export class Progress {
  readonly #io: Io;
  readonly #started = Date.now();
  #shown = 0;

  constructor(io: Io) {
    this.#io = io;
  }

  step(done: number, total: number, what: string): void {
    const now = Date.now();
    if (!this.#io.interactive || now - this.#started < 1000 || now - this.#shown < 1000) return;
    this.#shown = now;
    this.#io.note(`reefpilot: ${done} of ${total} ${what}`);
  }
}
