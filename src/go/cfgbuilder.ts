import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { unparen } from './calls.ts';
import type { Block, Cfg, Edge } from './cfg.ts';
import { neverReturns } from './noreturn.ts';
import type { FuncNode } from './scope.ts';

/** The graph of one function, built in one walk over its statements. */
export function buildCfg(file: SourceFile, func: FuncNode, body: Node): Cfg {
  return new Builder(file, func).build(body);
}

interface MutableBlock {
  readonly id: number;
  readonly nodes: Node[];
  readonly edges: { to: MutableBlock; condition: Edge['condition'] }[];
  exit: Block['exit'];
}

interface Target {
  readonly label: string | null;
  readonly breakTo: MutableBlock;
  /** null for switch and select. */
  readonly continueTo: MutableBlock | null;
}

class Builder {
  readonly #file: SourceFile;
  readonly #func: FuncNode;
  readonly #blocks: MutableBlock[] = [];
  readonly #targets: Target[] = [];
  readonly #labels = new Map<string, MutableBlock>();
  #hasGoto = false;
  #fallthrough: MutableBlock | null = null;
  /** null behind a terminator: what follows is dead until something jumps to it. */
  #at: MutableBlock;

  constructor(file: SourceFile, func: FuncNode) {
    this.#file = file;
    this.#func = func;
    this.#at = this.#block();
  }

  build(body: Node): Cfg {
    const entry = this.#at;
    this.#statements(body);
    if (this.#at.exit === null) this.#at.exit = 'end';
    const where = new Map<number, { block: Block; index: number }>();
    for (const block of this.#blocks)
      block.nodes.forEach((node, index) => {
        where.set(node.id, { block, index });
      });
    return {
      func: this.#func,
      entry,
      blocks: this.#blocks,
      hasGoto: this.#hasGoto,
      find: (node) => where.get(node.id) ?? null,
    };
  }

  #block(): MutableBlock {
    const block: MutableBlock = { id: this.#blocks.length, nodes: [], edges: [], exit: null };
    this.#blocks.push(block);
    return block;
  }

  #jump(from: MutableBlock, to: MutableBlock, condition: Edge['condition'] = null): void {
    from.edges.push({ to, condition });
  }

  /** Ends the current block without a successor; what follows stands in a new, unreachable one. */
  #leave(exit: Block['exit']): void {
    this.#at.exit = exit;
    this.#at = this.#block();
  }

  #goTo(target: MutableBlock): void {
    this.#jump(this.#at, target);
    this.#at = this.#block();
  }

  /** The statements of a block, a case or a statement list. */
  #statements(parent: Node): void {
    for (const child of parent.children) {
      if (child.is('statement_list')) this.#statements(child);
      else this.#statement(child, null);
    }
  }

  #statement(s: Node, label: string | null): void {
    if (s.is('block')) this.#statements(s);
    else if (s.is('labeled_statement')) this.#labeled(s);
    else if (s.is('if_statement')) this.#if(s);
    else if (s.is('for_statement')) this.#for(s, label);
    else if (s.is('expression_switch_statement', 'type_switch_statement')) this.#switch(s, label);
    else if (s.is('select_statement')) this.#select(s, label);
    else if (s.is('return_statement')) {
      this.#at.nodes.push(s);
      this.#leave('return');
    } else if (s.is('break_statement', 'continue_statement')) this.#branch(s);
    else if (s.is('goto_statement')) {
      this.#hasGoto = true;
      this.#goTo(this.#label(s.children[0]?.text ?? ''));
    } else if (s.is('fallthrough_statement')) {
      if (this.#fallthrough !== null) this.#goTo(this.#fallthrough);
    } else if (!s.is('empty_statement', 'label_name')) {
      this.#at.nodes.push(s);
      const call = s.is('expression_statement') ? unparen(s.children[0] ?? s) : s;
      if (call.is('call_expression') && neverReturns(this.#file, call)) this.#leave('never');
    }
  }

  #labeled(s: Node<'labeled_statement'>): void {
    const name = s.field('label').text;
    const start = this.#label(name);
    this.#jump(this.#at, start);
    this.#at = start;
    for (const child of s.children) if (!child.is('label_name')) this.#statement(child, name);
  }

  #label(name: string): MutableBlock {
    let block = this.#labels.get(name);
    if (block === undefined) {
      block = this.#block();
      this.#labels.set(name, block);
    }
    return block;
  }

  #branch(s: Node<'break_statement' | 'continue_statement'>): void {
    const label = s.children[0]?.text ?? null;
    const isBreak = s.kind === 'break_statement';
    const target = this.#targets.findLast(
      (t) => (label === null || t.label === label) && (isBreak || t.continueTo !== null),
    );
    if (target === undefined) this.#leave('never');
    else this.#goTo(isBreak ? target.breakTo : (target.continueTo as MutableBlock));
  }

  /** Short-circuit evaluation: `&&`, `||` and `!` become edges of their own. */
  #condition(expr: Node, yes: MutableBlock, no: MutableBlock): void {
    const e = unparen(expr);
    if (e.is('unary_expression') && e.field('operator').text === '!') {
      this.#condition(e.field('operand'), no, yes);
      return;
    }
    if (e.is('binary_expression')) {
      const operator = e.field('operator').text;
      if (operator === '&&' || operator === '||') {
        const rest = this.#block();
        if (operator === '&&') this.#condition(e.field('left'), rest, no);
        else this.#condition(e.field('left'), yes, rest);
        this.#at = rest;
        this.#condition(e.field('right'), yes, no);
        return;
      }
    }
    this.#at.nodes.push(e);
    const constant = e.is('true') ? true : e.is('false') ? false : null;
    if (constant !== false) this.#jump(this.#at, yes, { expr: e, value: true });
    if (constant !== true) this.#jump(this.#at, no, { expr: e, value: false });
  }

  #if(s: Node<'if_statement'>): void {
    const init = s.field('initializer');
    if (init !== null) this.#statement(init, null);
    const [yes, no, done] = [this.#block(), this.#block(), this.#block()];
    this.#condition(s.field('condition'), yes, no);
    this.#at = yes;
    this.#statement(s.field('consequence'), null);
    this.#jump(this.#at, done);
    this.#at = no;
    const otherwise = s.field('alternative');
    if (otherwise !== null) this.#statement(otherwise, null);
    this.#jump(this.#at, done);
    this.#at = done;
  }

  #for(s: Node<'for_statement'>, label: string | null): void {
    const header = s.children.find((c) => !c.is('block')) ?? null;
    const clause = header?.is('for_clause') ? header : null;
    const init = clause?.field('initializer') ?? null;
    if (init !== null) this.#statement(init, null);
    const [head, body, post, done] = [this.#block(), this.#block(), this.#block(), this.#block()];
    this.#jump(this.#at, head);
    this.#at = head;
    const condition = clause !== null ? clause.field('condition') : header;
    if (condition === null) this.#jump(head, body);
    else if (condition.is('range_clause')) {
      head.nodes.push(condition);
      this.#jump(head, body);
      this.#jump(head, done, { expr: condition, value: false });
    } else this.#condition(condition, body, done);
    this.#targets.push({ label, breakTo: done, continueTo: post });
    this.#at = body;
    this.#statement(s.field('body'), null);
    this.#jump(this.#at, post);
    this.#targets.pop();
    const update = clause?.field('update') ?? null;
    this.#at = post;
    if (update !== null) this.#statement(update, null);
    this.#jump(this.#at, head);
    this.#at = done;
  }

  #switch(s: Node<'expression_switch_statement' | 'type_switch_statement'>, label: string | null): void {
    const init = s.field('initializer');
    if (init !== null) this.#statement(init, null);
    const value = s.field('value');
    if (value !== null) this.#at.nodes.push(value);
    const clauses = s.children.filter((c) => c.is('expression_case', 'type_case', 'default_case'));
    const bodies = clauses.map(() => this.#block());
    const done = this.#block();
    this.#targets.push({ label, breakTo: done, continueTo: null });
    clauses.forEach((clause, i) => {
      const body = bodies[i] as MutableBlock;
      if (clause.is('default_case')) return;
      const next = this.#block();
      // `switch { case cond: }` is a chain of conditions; with a tag only "this or a later one" is known.
      const conditions = clause.is('expression_case') ? clause.field('value').children : [];
      if (value === null && s.is('expression_switch_statement'))
        conditions.forEach((c, k) => {
          const no = k === conditions.length - 1 ? next : this.#block();
          this.#condition(c, body, no);
          this.#at = no;
        });
      else {
        this.#at.nodes.push(...conditions);
        this.#jump(this.#at, body);
        this.#jump(this.#at, next);
      }
      this.#at = next;
    });
    const fallback = clauses.findIndex((c) => c.is('default_case'));
    this.#jump(this.#at, fallback >= 0 ? (bodies[fallback] as MutableBlock) : done);
    clauses.forEach((clause, i) => {
      const outer = this.#fallthrough;
      this.#fallthrough = bodies[i + 1] ?? null;
      this.#at = bodies[i] as MutableBlock;
      this.#caseBody(clause);
      this.#jump(this.#at, done);
      this.#fallthrough = outer;
    });
    this.#targets.pop();
    this.#at = done;
  }

  #select(s: Node<'select_statement'>, label: string | null): void {
    const clauses = s.children.filter((c) => c.is('communication_case', 'default_case'));
    // `select {}` blocks for ever.
    if (clauses.length === 0) {
      this.#leave('never');
      return;
    }
    const from = this.#at;
    const done = this.#block();
    this.#targets.push({ label, breakTo: done, continueTo: null });
    for (const clause of clauses) {
      this.#at = this.#block();
      this.#jump(from, this.#at);
      if (clause.is('communication_case')) this.#at.nodes.push(clause.field('communication'));
      this.#caseBody(clause);
      this.#jump(this.#at, done);
    }
    this.#targets.pop();
    this.#at = done;
  }

  #caseBody(clause: Node): void {
    for (const child of clause.children) if (child.is('statement_list')) this.#statements(child);
  }
}
