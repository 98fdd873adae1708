/** What GitHub checks of a GraphQL document before it runs it: page sizes and the number of nodes. */
import {
  type ASTNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';

const MAX_PAGE = 100;

/** Points and nodes of a query; `errors` when GitHub would refuse it. */
export interface QueryCost {
  points: number;
  nodes: number;
  errors: GraphQLError[];
}

/** @param connections names of the fields that take `first` and `last` */
export function measure(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Readonly<Record<string, unknown>>,
  connections: ReadonlySet<string>,
  maxNodes: number,
): QueryCost {
  const errors: GraphQLError[] = [];
  let nodes = 0;
  let requests = 1;
  const number = (value: ValueNode | undefined): number | null => {
    const given = value?.kind === Kind.VARIABLE ? variables[value.name.value] : undefined;
    if (value?.kind === Kind.INT) return Number(value.value);
    return typeof given === 'number' ? given : null;
  };
  const walk = (set: SelectionSetNode, factor: number): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(selection.name.value);
        if (fragment) walk(fragment.selectionSet, factor);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(selection.selectionSet, factor);
      } else if (selection.selectionSet) {
        const name = selection.name.value;
        let inner = factor;
        if (connections.has(name)) {
          const argument = (key: string) => selection.arguments?.find((a) => a.name.value === key)?.value;
          const size = number(argument('first')) ?? number(argument('last'));
          if (size === null) {
            const message = `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`;
            errors.push(refused('MISSING_PAGINATION_BOUNDARIES', message, selection));
          } else if (size > MAX_PAGE || size < 1) {
            const message = `Requesting ${size} records on the \`${name}\` connection exceeds the \`first\` limit of ${MAX_PAGE} records.`;
            errors.push(refused('EXCESSIVE_PAGINATION', message, selection));
          }
          requests += factor;
          inner = factor * (size ?? 1);
          nodes += inner;
        }
        walk(selection.selectionSet, inner);
      }
    }
  };
  walk(operation.selectionSet, 1);
  if (nodes > maxNodes) {
    const message = `This query requests up to ${nodes.toLocaleString('en-US')} possible nodes which exceeds the maximum limit of ${maxNodes.toLocaleString('en-US')}.`;
    errors.push(refused('MAX_NODE_LIMIT_EXCEEDED', message, operation));
  }
  return { points: Math.max(1, Math.round(requests / 100)), nodes, errors };
}

function refused(type: string, message: string, node: ASTNode): GraphQLError {
  return new GraphQLError(message, { nodes: [node], extensions: { type } });
}
