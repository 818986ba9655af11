//! The paths that a Rust file uses, as syn reads them: imports with their groups, paths in code, macros and doc links.

use syn::visit::{self, Visit};
use syn::{
    Attribute, Expr, ExprLit, ItemExternCrate, ItemMod, ItemUse, Lit, Macro, Meta, UseTree, Visibility,
};

/// A path that a file uses.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts about one path")]
pub(crate) struct UsedPath {
    /// The path from its root: `crate`, or the name of another crate. `self` and `super` are resolved.
    pub segments: Vec<String>,
    /// Used in a module that is compiled for tests only.
    pub for_tests: bool,
    /// Stands in a doc comment: a link, which depends on nothing.
    pub is_link: bool,
    /// `super` leads out of the file, to the `mod.rs` above it.
    pub leaves_file: bool,
    /// Everything in it is imported, or it has another name from here on, so that later paths don't show where they lead.
    pub hides: bool,
}

impl UsedPath {
    pub(crate) fn starts_with(&self, head: &[&str]) -> bool {
        self.segments.len() >= head.len() && self.segments.iter().zip(head).all(|(a, b)| a == b)
    }

    /// As it would be written from the root.
    pub(crate) fn text(&self) -> String {
        self.segments.join("::")
    }
}

/// All paths in the text of the file that is `module` (`["cli", "osc", "send"]`), in order. Panics if it isn't Rust.
pub(crate) fn paths(module: &[String], text: &str) -> Vec<UsedPath> {
    let file = syn::parse_file(text).unwrap_or_else(|fault| panic!("{}: {fault}", module.join("/")));
    let mut finder = Finder {
        module: module.to_vec(),
        file: module.len(),
        test_modules: 0,
        in_doc: false,
        found: Vec::new(),
    };
    finder.visit_file(&file);
    finder.found
}

/// Whether the item is compiled for tests only.
pub(crate) fn is_for_tests(attributes: &[Attribute]) -> bool {
    let is_test = |list: &syn::MetaList| list.path.is_ident("cfg") && list.tokens.to_string() == "test";
    attributes.iter().any(|attribute| matches!(&attribute.meta, Meta::List(list) if is_test(list)))
}

struct Finder {
    /// The module that is being read, modules within the file included.
    module: Vec<String>,
    /// How many segments of `module` are the file's own.
    file: usize,
    /// How many modules for tests are around what is being read.
    test_modules: usize,
    in_doc: bool,
    found: Vec<UsedPath>,
}

impl Finder {
    fn add(&mut self, written: &[String], hides: bool) {
        let mut rest = written;
        let mut base = self.module.clone();
        let mut leaves_file = false;
        let mut relative = false;
        while let [first, more @ ..] = rest {
            match first.as_str() {
                "self" => {}
                "super" => {
                    leaves_file |= base.len() <= self.file;
                    base.pop();
                }
                _ => break,
            }
            (relative, rest) = (true, more);
        }
        let root = if relative { [vec!["crate".to_owned()], base].concat() } else { Vec::new() };
        let segments = [root, rest.to_vec()].concat();
        let (for_tests, is_link) = (self.test_modules > 0, self.in_doc);
        self.found.push(UsedPath { segments, for_tests, is_link, leaves_file, hides });
    }

    fn add_tree(&mut self, tree: &UseTree, head: &[String]) {
        let and = |name: &dyn ToString| [head, &[name.to_string()]].concat();
        // `a::{self}` is `a`.
        let ends = |name: &syn::Ident| if name == "self" { head.to_vec() } else { and(name) };
        match tree {
            UseTree::Path(path) => self.add_tree(&path.tree, &and(&path.ident)),
            UseTree::Name(name) => self.add(&ends(&name.ident), false),
            UseTree::Rename(rename) => {
                let path = ends(&rename.ident);
                self.add(&path, path.len() == 1);
            }
            UseTree::Glob(_) => self.add(head, true),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_tree(tree, head)),
        }
    }

    /// The paths in text that isn't parsed: the tokens of a macro, a doc comment. They begin with one of `roots`.
    fn add_text(&mut self, text: &str, roots: &[&str]) {
        let text = text.split("::").map(str::trim).collect::<Vec<_>>().join("::");
        for root in roots {
            for (at, _) in text.match_indices(&format!("{root}::")) {
                let before = text[..at].trim_end();
                let within = text[..at].ends_with(is_of_a_name) || before.ends_with("::");
                // `pub(in crate::modules)` says who may use an item, and uses nothing.
                if within || before.ends_with("(in") || before.ends_with("( in") {
                    continue;
                }
                let path = &text[at..];
                let end = path.find(|c: char| !is_of_a_name(c) && c != ':').unwrap_or(path.len());
                let (name, rest) = path.split_at(end);
                let group = if rest.starts_with('{') { balanced(rest) } else { "" };
                if let Ok(tree) = syn::parse_str::<UseTree>(&format!("{name}{group}")) {
                    self.add_tree(&tree, &[]);
                } else {
                    // A turbofish, or `::` at the end of what a macro puts together.
                    let words = name.split("::").filter(|word| !word.is_empty());
                    self.add(&words.map(ToOwned::to_owned).collect::<Vec<_>>(), false);
                }
            }
        }
    }
}

fn is_of_a_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The group in braces with which `text` begins, or nothing if it isn't closed.
fn balanced(text: &str) -> &str {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..=at];
        }
    }
    ""
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.add_tree(&item.tree, &[]);
    }

    fn visit_item_extern_crate(&mut self, item: &'ast ItemExternCrate) {
        let name = if item.ident == "self" { "crate".to_owned() } else { item.ident.to_string() };
        self.add(&[name], item.rename.is_some());
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let for_tests = usize::from(is_for_tests(&item.attrs));
        self.module.push(item.ident.to_string());
        self.test_modules += for_tests;
        visit::visit_item_mod(self, item);
        self.test_modules -= for_tests;
        self.module.pop();
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|part| part.ident.to_string()).collect();
        // `self` alone is a value.
        if segments != ["self"] {
            self.add(&segments, false);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.add_text(&call.tokens.to_string(), &["crate", "super", "std"]);
        visit::visit_macro(self, call);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("doc") => {
                if let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value {
                    self.in_doc = true;
                    self.add_text(&text.value(), &["crate"]);
                    self.in_doc = false;
                }
            }
            Meta::List(list) => self.add_text(&list.tokens.to_string(), &["crate"]),
            _ => {}
        }
    }

    // `pub(super)` says who may use an item, and uses nothing.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}
