// Command api prints the exported API of packages in the format of scripts/gen-std.ts. Each argument is an import path,
// with the names to print behind a colon (`path:Name,Name`); a type is printed with all of its fields and methods. Methods
// of an interface whose name comes with a minus are left out: that one is embedded is all that is told.
package main

import (
	"fmt"
	"go/constant"
	"go/types"
	"os"
	"sort"
	"strings"

	"golang.org/x/tools/go/packages"
)

func main() {
	wanted := map[string][]string{}
	var paths []string
	for _, arg := range os.Args[1:] {
		path, names, _ := strings.Cut(arg, ":")
		paths = append(paths, path)
		wanted[path] = strings.Split(names, ",")
	}
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedImports | packages.NeedDeps | packages.NeedTypes | packages.NeedModule,
		Env:  append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0"),
	}, paths...)
	if err != nil || packages.PrintErrors(loaded) > 0 {
		fmt.Fprintln(os.Stderr, "cannot load:", err)
		os.Exit(1)
	}
	for _, p := range loaded {
		w := &writer{pkg: p.Types, qualifiers: map[string]string{}, left: map[string]bool{}}
		for _, name := range wanted[p.PkgPath] {
			if left, ok := strings.CutPrefix(name, "-"); ok {
				w.left[left] = true
			}
		}
		for _, name := range wanted[p.PkgPath] {
			if strings.HasPrefix(name, "-") {
				continue
			}
			object := p.Types.Scope().Lookup(name)
			if object == nil {
				fmt.Fprintf(os.Stderr, "no %s in %s\n", name, p.PkgPath)
				os.Exit(1)
			}
			w.object(object)
		}
		for name, path := range w.qualifiers {
			w.line("P %s %s", name, path)
		}
		sort.Strings(w.lines)
		fmt.Printf("package %s %s@%s\n%s\n", p.PkgPath, p.Module.Path, p.Module.Version, strings.Join(w.lines, "\n"))
	}
}

type writer struct {
	pkg   *types.Package
	lines []string
	// Package names in the lines, and the paths behind them.
	qualifiers map[string]string
	// Interfaces whose methods are left out.
	left map[string]bool
}

func (w *writer) line(format string, args ...any) {
	w.lines = append(w.lines, fmt.Sprintf(format, args...))
}

func (w *writer) object(object types.Object) {
	switch o := object.(type) {
	case *types.Func:
		signature := o.Signature()
		w.line("F %s%s%s", o.Name(), w.typeParams(signature.TypeParams()), w.signature(signature))
	case *types.Var:
		w.line("V %s %s", o.Name(), w.typ(o.Type()))
	case *types.Const:
		value := ""
		if o.Val().Kind() == constant.Int {
			value = "=" + o.Val().ExactString()
		}
		w.line("C %s %s%s", o.Name(), strings.ReplaceAll(w.typ(o.Type()), "untyped ", "ideal-"), value)
	case *types.TypeName:
		w.named(o)
	}
}

func (w *writer) named(o *types.TypeName) {
	if o.IsAlias() {
		w.line("T %s = %s", o.Name(), w.typ(types.Unalias(o.Type())))
		return
	}
	named := o.Type().(*types.Named)
	switch under := named.Underlying().(type) {
	case *types.Interface:
		w.line("T %s interface", o.Name())
		w.methods(o.Name(), under, map[string]bool{})
		return
	case *types.Struct:
		w.line("T %s struct", o.Name())
		for f := range under.Fields() {
			// One that is embedded without being exported lends methods: that there may be more is told.
			if f.Embedded() {
				w.line("D %s.%s !%s", o.Name(), f.Name(), w.typ(f.Type()))
			} else if f.Exported() {
				w.line("D %s.%s %s", o.Name(), f.Name(), w.typ(f.Type()))
			}
		}
	default:
		w.line("T %s %s", o.Name(), w.typ(under))
	}
	for m := range named.Methods() {
		if !m.Exported() {
			continue
		}
		star := ""
		if _, ok := m.Signature().Recv().Type().(*types.Pointer); ok {
			star = "*"
		}
		w.line("M (%s%s) %s%s", star, o.Name(), m.Name(), w.signature(m.Signature()))
	}
}

// methods prints those of an interface and of the ones that it embeds.
func (w *writer) methods(name string, of *types.Interface, seen map[string]bool) {
	for m := range of.ExplicitMethods() {
		if m.Exported() && !seen[m.Name()] {
			seen[m.Name()] = true
			w.line("I %s.%s%s", name, m.Name(), w.signature(m.Signature()))
		}
	}
	for embedded := range of.EmbeddedTypes() {
		if named, ok := embedded.(*types.Named); ok && w.left[named.Obj().Name()] {
			w.line("D %s.%s !%s", name, named.Obj().Name(), w.typ(embedded))
		} else if under, ok := embedded.Underlying().(*types.Interface); ok {
			w.methods(name, under, seen)
		}
	}
}

func (w *writer) typeParams(list *types.TypeParamList) string {
	if list.Len() == 0 {
		return ""
	}
	var params []string
	for p := range list.TypeParams() {
		params = append(params, w.typ(p)+" "+w.typ(p.Constraint()))
	}
	return "[" + strings.Join(params, ", ") + "]"
}

func (w *writer) signature(s *types.Signature) string {
	results := w.tuple(s.Results(), false)
	switch s.Results().Len() {
	case 0:
		results = ""
	case 1:
		results = " " + results
	default:
		results = " (" + results + ")"
	}
	return "(" + w.tuple(s.Params(), s.Variadic()) + ")" + results
}

// tuple leaves the names out, as the lists of the standard library do.
func (w *writer) tuple(t *types.Tuple, variadic bool) string {
	var out []string
	for v := range t.Variables() {
		out = append(out, w.typ(v.Type()))
	}
	if variadic {
		out[len(out)-1] = "..." + strings.TrimPrefix(out[len(out)-1], "[]")
	}
	return strings.Join(out, ", ")
}

func (w *writer) typ(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		if t.Kind() == types.UnsafePointer {
			return "unsafe.Pointer"
		}
		return types.Typ[t.Kind()].Name()
	case *types.Named:
		name := t.Obj().Name()
		if p := t.Obj().Pkg(); p != nil && p != w.pkg {
			if known, ok := w.qualifiers[p.Name()]; ok && known != p.Path() {
				panic(p.Name() + " is " + known + " and " + p.Path())
			}
			w.qualifiers[p.Name()] = p.Path()
			name = p.Name() + "." + name
		}
		if t.TypeArgs().Len() > 0 {
			var args []string
			for arg := range t.TypeArgs().Types() {
				args = append(args, w.typ(arg))
			}
			name += "[" + strings.Join(args, ", ") + "]"
		}
		return name
	case *types.TypeParam:
		return fmt.Sprintf("$%d", t.Index())
	case *types.Pointer:
		return "*" + w.typ(t.Elem())
	case *types.Slice:
		return "[]" + w.typ(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), w.typ(t.Elem()))
	case *types.Map:
		return "map[" + w.typ(t.Key()) + "]" + w.typ(t.Elem())
	case *types.Chan:
		return map[types.ChanDir]string{types.SendRecv: "chan ", types.SendOnly: "chan<- ", types.RecvOnly: "<-chan "}[t.Dir()] +
			w.typ(t.Elem())
	case *types.Signature:
		return "func" + w.signature(t)
	case *types.Interface:
		if t.IsComparable() {
			return "comparable"
		}
		return "interface{}"
	case *types.Struct:
		return "struct{}"
	}
	panic(fmt.Sprintf("%T has no place in the lists", t))
}
