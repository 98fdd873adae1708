module example.com/shop/orderspb

go 1.16

require google.golang.org/grpc v0.0.0
