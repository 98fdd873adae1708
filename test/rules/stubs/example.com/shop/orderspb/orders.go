// Package orderspb stands in for what protoc-gen-go-grpc generates.
package orderspb

import (
	"context"

	"google.golang.org/grpc"
)

type (
	// Order is a message.
	Order struct{ Id string }
	// OrdersClient calls the service.
	OrdersClient interface {
		Get(ctx context.Context, in *Order, opts ...grpc.CallOption) (*Order, error)
		Put(ctx context.Context, in *Order, opts ...grpc.CallOption) (*Order, error)
		WaitFor(ctx context.Context, in *Order, opts ...grpc.CallOption) (*Order, error)
		List(ctx context.Context, in *Order, opts ...grpc.CallOption) (grpc.ClientStream, error)
		WatchOrders(ctx context.Context, in *Order, opts ...grpc.CallOption) (grpc.ClientStream, error)
		Import(ctx context.Context, opts ...grpc.CallOption) (grpc.ClientStream, error)
	}
	client struct{ cc grpc.ClientConnInterface }
	// OrdersServer serves the unary calls.
	OrdersServer interface {
		Get(ctx context.Context, in *Order) (*Order, error)
		Put(ctx context.Context, in *Order) (*Order, error)
	}
	// UnimplementedOrdersServer is embedded by servers.
	UnimplementedOrdersServer struct{}
)

// Get does nothing.
func (UnimplementedOrdersServer) Get(context.Context, *Order) (*Order, error) { return nil, nil }

// Put does nothing.
func (UnimplementedOrdersServer) Put(context.Context, *Order) (*Order, error) { return nil, nil }

// RegisterOrdersServer does nothing.
func RegisterOrdersServer(grpc.ServiceRegistrar, OrdersServer) {}

// NewOrdersClient makes a client of a connection.
func NewOrdersClient(cc grpc.ClientConnInterface) OrdersClient { return &client{cc} }

func (c *client) Get(ctx context.Context, in *Order, opts ...grpc.CallOption) (*Order, error) {
	out := new(Order)
	return out, c.cc.Invoke(ctx, "/shop.Orders/Get", in, out, opts...)
}

func (c *client) Put(ctx context.Context, in *Order, opts ...grpc.CallOption) (*Order, error) {
	out := new(Order)
	return out, c.cc.Invoke(ctx, "/shop.Orders/Put", in, out, opts...)
}

func (c *client) WaitFor(ctx context.Context, in *Order, opts ...grpc.CallOption) (*Order, error) {
	out := new(Order)
	return out, c.cc.Invoke(ctx, "/shop.Orders/WaitFor", in, out, opts...)
}

func (c *client) List(context.Context, *Order, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, nil
}

func (c *client) WatchOrders(context.Context, *Order, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, nil
}

func (c *client) Import(context.Context, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, nil
}
