// Command calls prints what go/types knows of every call in some packages, one JSON object a line, for comparison with
// the names and types that are inferred without a toolchain.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/types"
	"os"

	"golang.org/x/tools/go/packages"
)

type call struct {
	File string `json:"file"`
	// Offset of the call's first byte.
	Offset int `json:"offset"`
	// Offset of the byte behind the callee.
	End int `json:"end"`
	// Full name of the function or method, empty for values, conversions and builtins.
	Callee string `json:"callee"`
	// Package path of the callee, empty for the universe.
	Package string `json:"package"`
	// Type of a method call's receiver expression, aliases resolved; the package's own names are unqualified.
	Receiver string `json:"receiver"`
}

func main() {
	tests := flag.Bool("tests", false, "include test files")
	dir := flag.String("dir", ".", "module to load")
	flag.Parse()
	loaded, err := packages.Load(&packages.Config{
		Dir:   *dir,
		Tests: *tests,
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
			packages.NeedDeps | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedSyntax,
	}, flag.Args()...)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for _, p := range loaded {
		if len(p.Errors) > 0 {
			fmt.Fprintln(os.Stderr, p.PkgPath, p.Errors[0])
			continue
		}
		for _, file := range p.Syntax {
			ast.Inspect(file, func(n ast.Node) bool {
				c, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				at := p.Fset.Position(c.Pos())
				row := call{File: at.Filename, Offset: at.Offset, End: p.Fset.Position(c.Fun.End()).Offset}
				describe(p, c, &row)
				_ = encoder.Encode(row)
				return true
			})
		}
	}
}

func describe(p *packages.Package, c *ast.CallExpr, row *call) {
	var name *ast.Ident
	target := ast.Unparen(c.Fun)
	switch instance := target.(type) {
	case *ast.IndexExpr:
		target = instance.X
	case *ast.IndexListExpr:
		target = instance.X
	}
	switch fun := target.(type) {
	case *ast.Ident:
		name = fun
	case *ast.SelectorExpr:
		name = fun.Sel
		if selection := p.TypesInfo.Selections[fun]; selection != nil && selection.Kind() == types.MethodVal {
			row.Receiver = types.TypeString(unalias(selection.Recv()), types.RelativeTo(p.Types))
		}
	}
	if name == nil {
		return
	}
	function, ok := p.TypesInfo.Uses[name].(*types.Func)
	if !ok {
		return
	}
	row.Callee = function.FullName()
	if function.Pkg() != nil {
		row.Package = function.Pkg().Path()
	}
}

// unalias resolves os.FileInfo to io/fs.FileInfo, also behind a pointer.
func unalias(t types.Type) types.Type {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		return types.NewPointer(types.Unalias(p.Elem()))
	}
	return t
}
