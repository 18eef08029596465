import type { GrammarName } from '../../../domain/grammars.ts';

/** What a definition is called, in one vocabulary for all languages. */
export type SymbolKind =
  | 'class'
  | 'constant'
  | 'enum'
  | 'function'
  | 'heading'
  | 'interface'
  | 'macro'
  | 'method'
  | 'module'
  | 'property'
  | 'type'
  | 'variable';

/** How a language names things: node types of its grammar, written down from the grammars' `node-types.json`. */
export type LanguageRules = {
  /** Definitions, each with its kind. A function inside of one that holds others (`holders`) is a method. */
  readonly definitions: Readonly<Record<string, SymbolKind>>;
  /** Definitions whose inside is looked at for more; the inside of a function is nobody's business. */
  readonly holders: readonly string[];
  /** Nodes that name nothing and are looked into. */
  readonly wrappers: readonly string[];
  /** Definitions whose name does not stand in the field `name`: the fields on the way to it. */
  readonly names?: Readonly<Record<string, readonly string[]>>;
  /** Statements that bring in other modules: the field with the module's name, or '' for all that follows the keyword. */
  readonly imports: Readonly<Record<string, string>>;
  /** A name that is seen from outside: all below a node of this type, */
  readonly exportedBelow?: readonly string[];
  /** or a definition that has a child which reads so, */
  readonly exportedBy?: RegExp;
  /** or a name that looks so. */
  readonly exportedName?: RegExp;
};

const ecmascript: LanguageRules = {
  definitions: {
    abstract_class_declaration: 'class',
    class_declaration: 'class',
    enum_declaration: 'enum',
    function_declaration: 'function',
    function_signature: 'function',
    generator_function_declaration: 'function',
    interface_declaration: 'interface',
    internal_module: 'module',
    method_definition: 'method',
    method_signature: 'method',
    abstract_method_signature: 'method',
    module: 'module',
    type_alias_declaration: 'type',
    variable_declarator: 'constant',
    field_definition: 'property',
    public_field_definition: 'property',
    property_signature: 'property',
  },
  holders: [
    'abstract_class_declaration',
    'class_declaration',
    'interface_declaration',
    'internal_module',
    'module',
    'export_statement',
  ],
  wrappers: [
    'ambient_declaration',
    'class_body',
    'export_statement',
    'expression_statement',
    'interface_body',
    'lexical_declaration',
    'object_type',
    'statement_block',
    'variable_declaration',
  ],
  imports: { import_statement: 'source', export_statement: 'source' },
  exportedBelow: ['export_statement'],
  names: { field_definition: ['property'] },
};

const c: LanguageRules = {
  definitions: {
    enum_specifier: 'enum',
    function_definition: 'function',
    preproc_def: 'macro',
    preproc_function_def: 'macro',
    struct_specifier: 'type',
    type_definition: 'type',
    union_specifier: 'type',
  },
  holders: [],
  wrappers: ['declaration', 'linkage_specification', 'declaration_list'].concat([
    'preproc_if',
    'preproc_ifdef',
    'preproc_else',
    'preproc_elif',
  ]),
  imports: { preproc_include: 'path' },
  names: { function_definition: ['declarator'], type_definition: ['declarator'] },
};

/** Short on purpose: what a search wants to show, not what a compiler knows. */
export const languageRules: Readonly<Record<GrammarName, LanguageRules>> = {
  typescript: ecmascript,
  tsx: ecmascript,
  javascript: ecmascript,
  python: {
    definitions: { assignment: 'variable', class_definition: 'class', function_definition: 'function' },
    holders: ['class_definition'],
    wrappers: ['block', 'decorated_definition', 'expression_statement', 'if_statement', 'try_statement'],
    imports: { import_statement: 'name', import_from_statement: 'module_name' },
    names: { assignment: ['left'] },
  },
  go: {
    definitions: {
      const_spec: 'constant',
      function_declaration: 'function',
      method_declaration: 'method',
      type_alias: 'type',
      type_spec: 'type',
      var_spec: 'variable',
    },
    holders: [],
    wrappers: [
      'const_declaration',
      'import_declaration',
      'import_spec_list',
      'type_declaration',
      'var_declaration',
    ].concat(['var_spec_list']),
    imports: { import_spec: 'path' },
    exportedName: /^\p{Lu}/u,
  },
  java: {
    definitions: {
      annotation_type_declaration: 'interface',
      class_declaration: 'class',
      constructor_declaration: 'method',
      enum_declaration: 'enum',
      field_declaration: 'property',
      interface_declaration: 'interface',
      method_declaration: 'method',
      record_declaration: 'class',
    },
    holders: ['annotation_type_declaration', 'class_declaration', 'enum_declaration', 'interface_declaration'].concat([
      'record_declaration',
    ]),
    wrappers: ['annotation_type_body', 'class_body', 'enum_body', 'enum_body_declarations', 'interface_body'],
    imports: { import_declaration: '' },
    names: { field_declaration: ['declarator', 'name'] },
    exportedBy: /\bpublic\b/,
  },
  rust: {
    definitions: {
      const_item: 'constant',
      enum_item: 'enum',
      function_item: 'function',
      function_signature_item: 'function',
      impl_item: 'type',
      macro_definition: 'macro',
      mod_item: 'module',
      static_item: 'variable',
      struct_item: 'type',
      trait_item: 'interface',
      type_item: 'type',
      union_item: 'type',
    },
    holders: ['impl_item', 'mod_item', 'trait_item'],
    wrappers: ['declaration_list', 'foreign_mod_item'],
    imports: { use_declaration: 'argument', extern_crate_declaration: 'name' },
    names: { impl_item: ['type'] },
    exportedBy: /^pub\b/,
  },
  c,
  cpp: {
    definitions: {
      ...c.definitions,
      alias_declaration: 'type',
      class_specifier: 'class',
      concept_definition: 'interface',
      namespace_definition: 'module',
      struct_specifier: 'class',
    },
    holders: ['class_specifier', 'namespace_definition', 'struct_specifier'],
    wrappers: [...c.wrappers, 'field_declaration_list', 'template_declaration'],
    imports: c.imports,
    names: c.names ?? {},
  },
  ruby: {
    definitions: { class: 'class', method: 'method', module: 'module', singleton_method: 'method' },
    holders: ['class', 'module'],
    wrappers: ['body_statement', 'singleton_class'],
    imports: { call: 'arguments' },
  },
  csharp: {
    definitions: {
      class_declaration: 'class',
      constructor_declaration: 'method',
      delegate_declaration: 'type',
      enum_declaration: 'enum',
      file_scoped_namespace_declaration: 'module',
      interface_declaration: 'interface',
      method_declaration: 'method',
      namespace_declaration: 'module',
      property_declaration: 'property',
      record_declaration: 'class',
      struct_declaration: 'class',
    },
    holders: ['class_declaration', 'interface_declaration', 'namespace_declaration', 'record_declaration'].concat([
      'struct_declaration',
    ]),
    wrappers: ['declaration_list'],
    imports: { using_directive: '' },
    exportedBy: /\bpublic\b/,
  },
};
