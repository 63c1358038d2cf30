import type { ComponentChildren, VNode } from 'preact';

interface Node {
  readonly type: string;
  readonly text?: string;
  readonly attrs?: Readonly<Record<string, unknown>>;
  readonly marks?: readonly { readonly type: string; readonly attrs?: Readonly<Record<string, unknown>> }[];
  readonly content?: readonly Node[];
}

/** Only these schemes become links; anything else is shown as text. */
const SAFE_LINK = /^(https?:|mailto:)/i;

/** Shows a Jira document. Every node type that is not named here is shown as the text inside it: nothing is injected. */
export function Adf({ doc }: { readonly doc: unknown }): VNode {
  return <div class="adf">{isNode(doc) ? children(doc) : <p class="quiet">No description.</p>}</div>;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

function children(node: Node): ComponentChildren {
  return (node.content ?? []).map((child, index) => <One key={index} node={child} />);
}

function One({ node }: { readonly node: Node }): VNode {
  switch (node.type) {
    case 'text':
      return <>{marked(node)}</>;
    case 'paragraph':
      return <p>{children(node)}</p>;
    case 'heading':
      return <h4>{children(node)}</h4>;
    case 'bulletList':
      return <ul>{children(node)}</ul>;
    case 'orderedList':
      return <ol>{children(node)}</ol>;
    case 'listItem':
      return <li>{children(node)}</li>;
    case 'blockquote':
      return <blockquote>{children(node)}</blockquote>;
    case 'panel':
      return <div class="panel">{children(node)}</div>;
    case 'codeBlock':
      return (
        <pre>
          <code>{children(node)}</code>
        </pre>
      );
    case 'rule':
      return <hr />;
    case 'hardBreak':
      return <br />;
    case 'table':
      return (
        <div class="scroll">
          <table>
            <tbody>{children(node)}</tbody>
          </table>
        </div>
      );
    case 'tableRow':
      return <tr>{children(node)}</tr>;
    case 'tableHeader':
      return <th>{children(node)}</th>;
    case 'tableCell':
      return <td>{children(node)}</td>;
    case 'mention':
      return <span class="mention">{textAttr(node, 'text', '@someone')}</span>;
    case 'emoji':
      return <span>{textAttr(node, 'text', textAttr(node, 'shortName', ''))}</span>;
    case 'inlineCard':
      return <Link href={textAttr(node, 'url', '')}>{textAttr(node, 'url', '')}</Link>;
    default:
      return <>{children(node)}</>;
  }
}

function textAttr(node: Node, name: string, otherwise: string): string {
  const value = node.attrs?.[name];
  return typeof value === 'string' ? value : otherwise;
}

function marked(node: Node): ComponentChildren {
  return (node.marks ?? []).reduce<ComponentChildren>((inner, mark) => {
    switch (mark.type) {
      case 'strong':
        return <strong>{inner}</strong>;
      case 'em':
        return <em>{inner}</em>;
      case 'code':
        return <code>{inner}</code>;
      case 'strike':
        return <s>{inner}</s>;
      case 'underline':
        return <u>{inner}</u>;
      case 'subsup':
        return mark.attrs?.['type'] === 'sub' ? <sub>{inner}</sub> : <sup>{inner}</sup>;
      case 'link':
        return <Link href={typeof mark.attrs?.['href'] === 'string' ? mark.attrs['href'] : ''}>{inner}</Link>;
      default:
        return inner;
    }
  }, node.text ?? '');
}

function Link({ href, children: inner }: { readonly href: string; readonly children: ComponentChildren }): VNode {
  return SAFE_LINK.test(href) ? (
    <a href={href} target="_blank" rel="noreferrer noopener">
      {inner}
    </a>
  ) : (
    <span class="unsafe" title="This address is not shown as a link">
      {inner}
    </span>
  );
}
