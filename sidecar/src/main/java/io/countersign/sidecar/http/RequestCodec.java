// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpStatusClass;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Reads the requests of a client's HTTP/1.1 connection and writes their answers: what {@link HttpServerCodec} does, which lets
 * nobody put a stricter reader into it. Lives on one event loop.
 */
public final class RequestCodec extends CombinedChannelDuplexHandler<HttpRequestDecoder, HttpResponseEncoder> {
    /** Of each request that is not answered yet, whether it asks for a head only. */
    private final Queue<Boolean> headOnly = new ArrayDeque<>(1);

    public RequestCodec(HttpDecoderConfig config) {
        init(
                new RequestDecoder(
                        config, request -> headOnly.add(request.method().equals(HttpMethod.HEAD))),
                new Answers());
    }

    private final class Answers extends HttpResponseEncoder {
        @Override
        protected boolean isContentAlwaysEmpty(HttpResponse answer) {
            // an interim answer is not yet the one to the request
            return (answer.status().codeClass() != HttpStatusClass.INFORMATIONAL
                            && Boolean.TRUE.equals(headOnly.poll()))
                    || super.isContentAlwaysEmpty(answer);
        }
    }
}
