// Command cfg prints what golang.org/x/tools/go/cfg says of every function and literal in some packages, one JSON
// object a line: which of its statements can be reached, and whether its end can. For comparison with the control flow
// that is built from syntax trees alone.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"regexp"
	"slices"

	"golang.org/x/tools/go/cfg"
	"golang.org/x/tools/go/packages"
)

type function struct {
	File string `json:"file"`
	// Offset of the keyword func.
	Offset int `json:"offset"`
	// Whether control can fall off the end of the body.
	End        liveness    `json:"end"`
	Statements []statement `json:"statements"`
}

type liveness struct {
	// What the package says.
	Live bool `json:"live"`
	// The same without the edges that a condition made of true and false rules out.
	Folded bool `json:"folded"`
}

// statement is a return or another simple statement. What a select communicates is left out: the package evaluates all
// of it first.
type statement struct {
	liveness
	Offset int  `json:"offset"`
	Return bool `json:"return"`
	// How many of the statements, the end of the body among them, control can come to from behind this one, without the
	// edges that constant conditions rule out.
	Reaches int `json:"reaches"`
}

func main() {
	dir := flag.String("dir", ".", "module to load")
	flag.Parse()
	loaded, err := packages.Load(&packages.Config{
		Dir: *dir,
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
			// cgo compiles a translation of the file that people wrote.
			if !slices.Contains(p.GoFiles, p.Fset.PositionFor(file.Pos(), false).Filename) {
				continue
			}
			ast.Inspect(file, func(n ast.Node) bool {
				switch f := n.(type) {
				case *ast.FuncDecl:
					if f.Body != nil {
						_ = encoder.Encode(describe(p, f.Pos(), f.Body))
					}
				case *ast.FuncLit:
					_ = encoder.Encode(describe(p, f.Pos(), f.Body))
				}
				return true
			})
		}
	}
}

func describe(p *packages.Package, pos token.Pos, body *ast.BlockStmt) function {
	at := p.Fset.PositionFor(pos, false)
	out := function{File: at.Filename, Offset: at.Offset, Statements: []statement{}}
	other, tagless := apart(body)
	graph := cfg.New(body, func(call *ast.CallExpr) bool { return !neverReturns(p, call) })
	succs := func(b *cfg.Block) []*cfg.Block { return feasible(b, tagless) }
	folded := reach(graph.Blocks[:1], succs)
	counts := map[*cfg.Block]int{}
	for _, block := range graph.Blocks {
		for _, n := range block.Nodes {
			if _, counted := kind(n); counted && !other[n] {
				counts[block]++
			}
		}
	}
	for _, block := range graph.Blocks {
		state := liveness{block.Live, folded[block]}
		later := reach(succs(block), succs)
		behind := 0
		for b := range later {
			behind += counts[b]
		}
		left := counts[block]
		for _, n := range block.Nodes {
			isReturn, counted := kind(n)
			if !counted || other[n] {
				continue
			}
			left--
			// The package adds a return where control falls off the end.
			if isReturn && n.(*ast.ReturnStmt).Return == body.Rbrace {
				out.End = state
				continue
			}
			row := statement{state, p.Fset.PositionFor(n.Pos(), false).Offset, isReturn, behind}
			if !later[block] {
				row.Reaches += left
			}
			out.Statements = append(out.Statements, row)
		}
	}
	return out
}

func kind(n ast.Node) (isReturn, counted bool) {
	switch n.(type) {
	case *ast.ReturnStmt:
		return true, true
	case *ast.ExprStmt, *ast.AssignStmt, *ast.IncDecStmt, *ast.SendStmt, *ast.GoStmt, *ast.DeferStmt:
		return false, true
	}
	return false, false
}

func reach(from []*cfg.Block, succs func(*cfg.Block) []*cfg.Block) map[*cfg.Block]bool {
	seen := map[*cfg.Block]bool{}
	open := slices.Clone(from)
	for len(open) > 0 {
		b := open[len(open)-1]
		open = open[:len(open)-1]
		if !seen[b] {
			seen[b] = true
			open = append(open, succs(b)...)
		}
	}
	return seen
}

// feasible leaves out the edge that a condition made of true and false never takes.
func feasible(b *cfg.Block, tagless map[ast.Stmt]bool) []*cfg.Block {
	if len(b.Succs) != 2 || len(b.Nodes) == 0 {
		return b.Succs
	}
	cond, ok := b.Nodes[len(b.Nodes)-1].(ast.Expr)
	switch b.Succs[0].Kind {
	case cfg.KindIfThen, cfg.KindForBody:
	case cfg.KindSwitchCaseBody:
		ok = ok && tagless[b.Succs[0].Stmt]
	default:
		ok = false
	}
	if value := constant(cond); ok && value != nil {
		if *value {
			return b.Succs[:1]
		}
		return b.Succs[1:]
	}
	return b.Succs
}

// constant is what the condition always is, or nil.
func constant(e ast.Expr) *bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if e.Name == "true" || e.Name == "false" {
			return new(e.Name == "true")
		}
	case *ast.UnaryExpr:
		if x := constant(e.X); e.Op == token.NOT && x != nil {
			return new(!*x)
		}
	case *ast.BinaryExpr:
		if e.Op != token.LAND && e.Op != token.LOR {
			return nil
		}
		x, y := constant(e.X), constant(e.Y)
		decides := e.Op == token.LOR
		if x != nil && *x == decides || y != nil && *y == decides {
			return &decides
		}
		if x != nil && y != nil {
			return new(!decides)
		}
	}
	return nil
}

// apart finds the statements that are no statements of their own in the other graph, what a select communicates and the
// guard of a type switch; and the clauses whose values are conditions.
func apart(body *ast.BlockStmt) (other map[ast.Node]bool, tagless map[ast.Stmt]bool) {
	other, tagless = map[ast.Node]bool{}, map[ast.Stmt]bool{}
	ast.Inspect(body, func(n ast.Node) bool {
		switch s := n.(type) {
		case *ast.CommClause:
			other[s.Comm] = true
		case *ast.TypeSwitchStmt:
			other[s.Assign] = true
		case *ast.SwitchStmt:
			for _, clause := range s.Body.List {
				tagless[clause] = s.Tag == nil
			}
		}
		return true
	})
	return other, tagless
}

var never = map[string]bool{
	"os.Exit": true, "syscall.Exit": true, "runtime.Goexit": true, "runtime.throw": true, "runtime.fatal": true,
}

var neverByName = regexp.MustCompile(
	`^(?:Fatal|Fatalf|Fatalln|Fatalw|Panic|Panicf|Panicln|Panicw|FailNow|SkipNow|Skip|Skipf|Exit|Exitf)$`)

// neverReturns is the rule of src/go/noreturn.ts, with the callee from go/types.
func neverReturns(p *packages.Package, call *ast.CallExpr) bool {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		switch callee := p.TypesInfo.Uses[fun].(type) {
		case *types.Builtin:
			return callee.Name() == "panic"
		case *types.Func:
			return callee.Pkg() == p.Types && isEndless(p, callee)
		}
	case *ast.SelectorExpr:
		callee, ok := p.TypesInfo.Uses[fun.Sel].(*types.Func)
		if ok && never[callee.FullName()] {
			return true
		}
		// A method that this package declares is read, not judged by its name.
		own := ok && callee.Pkg() == p.Types && !types.IsInterface(callee.Signature().Recv().Type())
		if own {
			return isEndless(p, callee)
		}
		return neverByName.MatchString(fun.Sel.Name)
	}
	return false
}

// endless holds what is known of functions of the packages; a key without a value is being worked out.
var endless = map[*types.Func]bool{}

func isEndless(p *packages.Package, callee *types.Func) bool {
	callee = callee.Origin()
	if known, ok := endless[callee]; ok {
		return known
	}
	endless[callee] = false
	decl := declarationOf(p, callee)
	if decl == nil || decl.Body == nil || decl.Type.Results != nil || mayLeave(decl.Body) {
		return false
	}
	endless[callee] = neverCompletes(p, decl.Body)
	return endless[callee]
}

func declarationOf(p *packages.Package, callee *types.Func) *ast.FuncDecl {
	for _, file := range p.Syntax {
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && p.TypesInfo.Defs[f.Name] == callee {
				return f
			}
		}
	}
	return nil
}

func mayLeave(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ReturnStmt, *ast.LabeledStmt:
			found = true
		case *ast.BranchStmt:
			found = found || n.Tok == token.GOTO
		case *ast.DeferStmt:
			ast.Inspect(n, func(n ast.Node) bool {
				id, ok := n.(*ast.Ident)
				found = found || ok && id.Name == "recover"
				return true
			})
		}
		return true
	})
	return found
}

func neverCompletes(p *packages.Package, s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.BlockStmt:
		return len(s.List) > 0 && neverCompletes(p, s.List[len(s.List)-1])
	case *ast.IfStmt:
		return s.Else != nil && neverCompletes(p, s.Body) && neverCompletes(p, s.Else)
	case *ast.ExprStmt:
		call, ok := ast.Unparen(s.X).(*ast.CallExpr)
		return ok && neverReturns(p, call)
	}
	return false
}
