export default function Counter() { return <h1>Counter</h1>; }
