// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.upstream;

import io.countersign.sidecar.exchange.GrpcCode;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** What one endpoint of a cluster was asked, and how that went, by the rules of Envoy's {@code /clusters}. Thread-safe. */
public final class HostCounts {
    private final LongAdder connections = new LongAdder();
    private final LongAdder connectionsFailed = new LongAdder();
    private final LongAdder connectionsOpen = new LongAdder();
    private final LongAdder requests = new LongAdder();
    private final LongAdder requestsActive = new LongAdder();
    private final LongAdder tunnels = new LongAdder();
    private final LongAdder successes = new LongAdder();
    private final LongAdder errors = new LongAdder();

    /** What only rises, by Envoy's names. */
    public Map<String, Long> counters() {
        return new TreeMap<>(Map.of(
                "cx_connect_fail", connectionsFailed.sum(),
                "cx_total", connections.sum(),
                "rq_error", errors.sum(),
                "rq_success", successes.sum(),
                "rq_total", requests.sum()));
    }

    /** What there is now, by Envoy's names. */
    public Map<String, Long> gauges() {
        return new TreeMap<>(Map.of("cx_active", connectionsOpen.sum(), "rq_active", requestsActive.sum()));
    }

    void connecting() {
        connections.increment();
    }

    void connected() {
        connectionsOpen.increment();
    }

    void disconnected() {
        connectionsOpen.decrement();
    }

    void notConnected() {
        connectionsFailed.increment();
    }

    /** How much is under way there: requests, and connections that carry bytes. */
    long active() {
        return requestsActive.sum() + tunnels.sum();
    }

    void tunnelBegun() {
        tunnels.increment();
    }

    void tunnelEnded() {
        tunnels.decrement();
    }

    /** A request that had no connection to go out on. */
    void notSent() {
        errors.increment();
    }

    Request request() {
        requests.increment();
        requestsActive.increment();
        return new Request();
    }

    /** One request that was given a connection. Lives on one event loop. */
    final class Request {
        private boolean grpc;
        private boolean judged;
        private Optional<String> grpcStatus = Optional.empty();
        private boolean over;

        void sent(HttpObject message) {
            if (message instanceof HttpRequest head) {
                grpc = head.headers().get("content-type", "").startsWith("application/grpc");
            }
        }

        /** A gRPC call has not gone well before its end says so. */
        void came(HttpObject message) {
            if (message instanceof HttpResponse head
                    && (head.status().code() >= 200 || head.status().code() == 101)) {
                grpcStatus = code(head.headers());
                if (head.status().code() >= 500) {
                    judge(false);
                } else if (!grpc) {
                    judge(true);
                }
            }
            if (message instanceof HttpContent content && content.content().isReadable()) {
                // the head speaks for the whole answer only if nothing follows
                grpcStatus = Optional.empty();
            }
            if (message instanceof LastHttpContent last && grpc) {
                judge(code(last.trailingHeaders())
                        .or(() -> grpcStatus)
                        .filter(HostCounts::isNoFaultOfTheServer)
                        .isPresent());
            }
        }

        private static Optional<String> code(HttpHeaders headers) {
            return Optional.ofNullable(headers.get("grpc-status"));
        }

        void lost() {
            judge(false);
        }

        private void judge(boolean good) {
            if (!judged) {
                judged = true;
                (good ? successes : errors).increment();
            }
        }

        void end() {
            if (!over) {
                over = true;
                requestsActive.decrement();
            }
        }
    }

    private static boolean isNoFaultOfTheServer(String grpcStatus) {
        return grpcStatus.matches("[0-9]{1,2}")
                && GrpcCode.of(Integer.parseInt(grpcStatus))
                        .filter(code -> switch (code) {
                            case UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS -> false;
                            default -> true;
                        })
                        .isPresent();
    }
}
