// Package grpc has the names of google.golang.org/grpc that the Go examples of the rules use, and does nothing.
package grpc

import "context"

type (
	// CallOption configures one call.
	CallOption interface{ before() error }
	// DialOption configures a connection.
	DialOption interface{ apply() }
	// ClientConnInterface is what generated clients call through.
	ClientConnInterface interface {
		Invoke(ctx context.Context, method string, args, reply interface{}, opts ...CallOption) error
	}
	// ServiceRegistrar is what services are registered with.
	ServiceRegistrar interface {
		RegisterService(desc, impl interface{})
	}
	// ClientConn is a connection to a server.
	ClientConn struct{}
	// ClientStream is the client's end of a stream.
	ClientStream interface{ RecvMsg(m interface{}) error }
	// UnaryInvoker goes on with a unary call.
	UnaryInvoker func(ctx context.Context, method string, req, reply interface{}, cc *ClientConn, opts ...CallOption) error
	// UnaryClientInterceptor stands between a unary call and the wire.
	UnaryClientInterceptor func(ctx context.Context, method string, req, reply interface{}, cc *ClientConn, invoker UnaryInvoker, opts ...CallOption) error
)

// Invoke does nothing.
func (*ClientConn) Invoke(context.Context, string, interface{}, interface{}, ...CallOption) error {
	return nil
}

// Close does nothing.
func (*ClientConn) Close() error { return nil }

// NewClient gives a connection to nobody.
func NewClient(target string, opts ...DialOption) (*ClientConn, error) { return &ClientConn{}, nil }

// Dial gives a connection to nobody.
func Dial(target string, opts ...DialOption) (*ClientConn, error) { return &ClientConn{}, nil }

// DialContext gives a connection to nobody.
func DialContext(ctx context.Context, target string, opts ...DialOption) (*ClientConn, error) {
	return &ClientConn{}, nil
}

type option struct{}

func (option) apply()        {}
func (option) before() error { return nil }

// WaitForReady makes a call wait for a connection.
func WaitForReady(bool) CallOption { return option{} }

// WithUnaryInterceptor puts an interceptor in front of every unary call.
func WithUnaryInterceptor(UnaryClientInterceptor) DialOption { return option{} }

// WithChainUnaryInterceptor puts interceptors in front of every unary call.
func WithChainUnaryInterceptor(...UnaryClientInterceptor) DialOption { return option{} }

// WithDefaultServiceConfig gives the connection a service config.
func WithDefaultServiceConfig(string) DialOption { return option{} }
