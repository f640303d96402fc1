// bpmn.js PORT: HTTP before bpmn-engine (npm), for bench/peers.sh. A case is an execution of a
// process with three user tasks; cases are kept in memory, as the library does by itself.
'use strict';
const http = require('http');
const { Engine } = require('bpmn-engine');

const task = (id) => `<userTask id="${id}" />`;
const flow = (from, to) => `<sequenceFlow id="${from}-${to}" sourceRef="${from}" targetRef="${to}" />`;
const source = `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="http://localhost/">
<process id="case" isExecutable="true"><startEvent id="start" />${['accept', 'review', 'close'].map(task).join('')}
<endEvent id="end" />${flow('start', 'accept')}${flow('accept', 'review')}${flow('review', 'close')}${flow('close', 'end')}
</process></definitions>`;

const cases = [];

async function create() {
  const engine = new Engine({ name: `case ${cases.length}`, source });
  const execution = await engine.execute();
  cases.push({ execution, state: 'accept' });
  return { id: cases.length - 1 };
}

function step(id, name) {
  const found = cases[id];
  if (!found || found.state !== name) return null;
  const waiting = found.execution.getPostponed().find((activity) => activity.id === name);
  if (!waiting) return null;
  waiting.signal();
  found.state = { accept: 'review', review: 'close', close: 'done' }[name];
  return { id, state: found.state };
}

async function answer(method, path) {
  const parts = path.split('?')[0].split('/').slice(1);
  if (method === 'GET') return cases.slice(-50).map((c, i) => ({ id: cases.length - 1 - i, state: c.state }));
  if (parts.length === 1) return create();
  return step(Number(parts[1]), parts[2]);
}

http.createServer((request, response) => {
  request.resume();
  request.on('end', async () => {
    const found = await answer(request.method, request.url);
    response.writeHead(found ? 200 : 409, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(found));
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
