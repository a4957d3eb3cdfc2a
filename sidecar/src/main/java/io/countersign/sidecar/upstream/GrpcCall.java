// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.upstream;

import com.google.protobuf.ByteString;
import io.countersign.sidecar.bootstrap.GrpcService;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Calls of gRPC with one message each way, over a connection of a cluster that speaks HTTP/2. */
public final class GrpcCall {
    /** A flag and the length of what follows. */
    private static final int PREFIX = 5;

    private GrpcCall() {}

    /** What came of it. */
    public sealed interface Outcome {
        record Answered(ByteString message) implements Outcome {}

        record Failed(String why) implements Outcome {}
    }

    /**
     * @param loop the caller's own
     * @param method its path
     * @param whoWaits told once, unless the call is cancelled, and perhaps before this returns
     */
    public static HttpCall start(
            UpstreamCluster cluster,
            EventLoop loop,
            GrpcService service,
            String method,
            byte[] message,
            Consumer<Outcome> whoWaits) {
        byte[] frame = ByteBuffer.allocate(PREFIX + message.length)
                .put((byte) 0)
                .putInt(message.length)
                .put(message)
                .array();
        return HttpCall.start(
                cluster,
                loop,
                head(cluster, service, method),
                frame,
                service.timeout(),
                outcome -> whoWaits.accept(
                        switch (outcome) {
                            case HttpCall.Outcome.Answered answered -> outcome(answered);
                            case HttpCall.Outcome.Failed(String why) -> new Outcome.Failed(why);
                        }));
    }

    private static HttpRequest head(UpstreamCluster cluster, GrpcService service, String method) {
        var request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, method);
        var headers = request.headers();
        service.metadata().forEach(headers::set);
        headers.set(HttpHeaderNames.HOST, cluster.config().name())
                .set(HttpHeaderNames.CONTENT_TYPE, "application/grpc")
                .set(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS);
        if (!service.timeout().isZero()) {
            headers.set("grpc-timeout", service.timeout().toMillis() + "m");
        }
        return request;
    }

    private static Outcome outcome(HttpCall.Outcome.Answered answer) {
        if (answer.status() != 200) {
            return new Outcome.Failed("HTTP status " + answer.status());
        }
        // a failed call may have nothing but a head
        var status = answer.trailers().get("grpc-status", answer.headers().get("grpc-status", "missing"));
        if (!status.equals("0")) {
            return new Outcome.Failed("gRPC status " + status);
        }
        var frame = answer.body();
        if (frame.size() < PREFIX || frame.byteAt(0) != 0 || length(frame) != frame.size() - PREFIX) {
            return new Outcome.Failed("the answer is not one message");
        }
        return new Outcome.Answered(frame.substring(PREFIX));
    }

    private static int length(ByteString frame) {
        return frame.asReadOnlyByteBuffer().getInt(1);
    }
}
