/** The tree that `@huggingface/jinja` parses a template into, as far as the lab reads it. */

export type Expression =
  | { readonly type: 'StringLiteral'; readonly value: string }
  | { readonly type: 'IntegerLiteral' | 'FloatLiteral'; readonly value: number }
  | { readonly type: 'ArrayLiteral' | 'TupleLiteral'; readonly value: readonly Expression[] }
  | { readonly type: 'ObjectLiteral'; readonly value: ReadonlyMap<Expression, Expression> }
  | Identifier
  | BinaryExpression
  | FilterExpression
  | { readonly type: 'TestExpression'; readonly operand: Expression; readonly negate: boolean; readonly test: Identifier } // prettier-ignore
  | { readonly type: 'UnaryExpression'; readonly operator: { readonly value: string }; readonly argument: Expression }
  | { readonly type: 'SelectExpression'; readonly lhs: Expression; readonly test: Expression } // `a if b` without else
  | { readonly type: 'Ternary'; readonly condition: Expression; readonly trueExpr: Expression; readonly falseExpr: Expression } // prettier-ignore
  | MemberExpression
  | CallExpression;

export interface Identifier {
  readonly type: 'Identifier';
  readonly value: string;
}

export interface BinaryExpression {
  readonly type: 'BinaryExpression';
  readonly operator: { readonly value: string };
  readonly left: Expression;
  readonly right: Expression;
}

interface FilterExpression {
  readonly type: 'FilterExpression';
  readonly operand: Expression;
  readonly filter: Expression; // a name or a call of one, or what Jinja refuses
}

export interface SliceExpression {
  readonly type: 'SliceExpression';
  readonly start: Expression | undefined;
  readonly stop: Expression | undefined;
  readonly step: Expression | undefined;
}

export interface MemberExpression {
  readonly type: 'MemberExpression';
  readonly object: Expression;
  readonly property: Expression | SliceExpression;
  readonly computed: boolean;
}

interface KeywordArgument {
  readonly type: 'KeywordArgumentExpression';
  readonly key: Identifier;
  readonly value: Expression;
}

export type Argument =
  | Expression
  | KeywordArgument
  | { readonly type: 'SpreadExpression'; readonly argument: Expression }
  | { readonly type: 'KeywordSpreadExpression'; readonly argument: Expression };

export interface CallExpression {
  readonly type: 'CallExpression';
  readonly callee: Expression;
  readonly args: readonly Argument[];
}

export type Parameter = Identifier | KeywordArgument;

export interface For {
  readonly type: 'For';
  readonly loopvar: Expression;
  readonly iterable: Expression;
  readonly body: readonly Statement[];
  readonly defaultBlock: readonly Statement[];
}

export interface SetStatement {
  readonly type: 'Set';
  readonly assignee: Expression;
  readonly value: Expression | null;
  readonly body: readonly Statement[];
}

export interface Macro {
  readonly type: 'Macro';
  readonly name: Identifier;
  readonly args: readonly Parameter[];
  readonly body: readonly Statement[];
}

export interface CallStatement {
  readonly type: 'CallStatement';
  readonly call: CallExpression;
  readonly callerArgs: readonly Parameter[] | null;
  readonly body: readonly Statement[];
}

export type Statement =
  | Expression // printed
  | { readonly type: 'Comment'; readonly value: string }
  | { readonly type: 'If'; readonly test: Expression; readonly body: readonly Statement[]; readonly alternate: readonly Statement[] } // prettier-ignore
  | For
  | SetStatement
  | Macro
  | CallStatement
  | { readonly type: 'FilterStatement'; readonly filter: Expression; readonly body: readonly Statement[] } // prettier-ignore
  | { readonly type: 'Break' | 'Continue' };
