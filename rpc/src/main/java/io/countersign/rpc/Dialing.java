// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.FileNotFoundException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.Optional;

/** Says which socket could not be connected to and why, in the words of gRPC for Go; the library says "io exception". */
final class Dialing implements ClientInterceptor {
    private static final String ERRNO = "failed with error(";

    private final Path socket;

    Dialing(Path socket) {
        this.socket = socket;
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            public void start(Listener<A> listener, Metadata headers) {
                super.start(
                        new SimpleForwardingClientCallListener<>(listener) {
                            @Override
                            public void onClose(Status status, Metadata trailers) {
                                super.onClose(worded(status), trailers);
                            }
                        },
                        headers);
            }
        };
    }

    private Status worded(Status status) {
        return Optional.ofNullable(status.getCause())
                .flatMap(Dialing::reason)
                .map(reason ->
                        status.withDescription("connection error: desc = \"transport: Error while dialing: dial unix "
                                + socket + ": connect: " + reason + "\""))
                .orElse(status);
    }

    /** Empty if it was not the connecting that failed. */
    private static Optional<String> reason(Throwable cause) {
        return switch (cause) {
            case FileNotFoundException missing -> Optional.of("no such file or directory");
            case ConnectException refused -> Optional.of(system(String.valueOf(refused.getMessage())));
            default -> Optional.empty();
        };
    }

    /** From {@code connect(..) failed with error(-111): Connection refused: /path} the operating system's words. */
    private static String system(String message) {
        int errno = message.indexOf(ERRNO);
        int from = errno < 0 ? -1 : message.indexOf("): ", errno);
        if (from < 0) {
            return message;
        }
        var words = message.substring(from + 3);
        int end = words.indexOf(": ");
        var said = end < 0 ? words : words.substring(0, end);
        return said.isEmpty() ? message : Character.toLowerCase(said.charAt(0)) + said.substring(1);
    }
}
